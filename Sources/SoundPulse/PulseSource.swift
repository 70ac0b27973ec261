import LinuxIO
import NodeAudio
import NodeMedia

/// One of a server's sources, while it records for us.
actor PulseSource: OpenSource {
    nonisolated let id: SoundSource.ID
    nonisolated let format: SoundFormat
    private nonisolated let connection: PulseConnection
    private let stream: UInt32
    private var clock: SampleClock
    /// How many have been handed out, of each channel.
    private var frames: Int64 = 0
    /// The question about the latency that is not answered yet, and when it was asked.
    private var question: (tag: UInt32, at: MonotonicTime)?
    private var lastAnswer = MonotonicTime.now

    /// So much of a second comes at a time. Without saying, it is two seconds.
    private static let fragment = 0.02
    private static let looks = Duration.milliseconds(500)
    private static let longestWay = Duration.milliseconds(30)

    private init(
        _ id: SoundSource.ID, _ format: SoundFormat, over connection: PulseConnection, stream: UInt32,
        clock: SampleClock
    ) {
        self.id = id
        self.format = format
        self.connection = connection
        self.stream = stream
        self.clock = clock
    }

    /// The server resamples and mixes to `wanted` itself.
    static func open(
        _ id: SoundSource.ID, as wanted: SoundFormat, over connection: PulseConnection
    ) async throws(SoundError) -> PulseSource {
        let frameSize = 2 * wanted.channels
        let fragment = UInt32(Double(wanted.sampleRate) * Self.fragment) * UInt32(frameSize)
        var answer: PulseReader
        do throws(SoundError) {
            answer = try await connection.ask(.createRecordStream) { message in
                message.addSpec(rate: UInt32(wanted.sampleRate), channels: UInt8(wanted.channels))
                // Mono, or left and right; others without saying where.
                let map: [UInt8] = wanted.channels == 1 ? [0] : (0..<wanted.channels).map { UInt8($0 + 1) }
                message.add(channelMap: map)
                message.add(PulseCommand.none)
                message.add(id)
                // As much may wait at the server as it likes; it begins at once.
                message.add(PulseCommand.none)
                message.add(false)
                message.add(fragment)
                // Nothing of the format is fixed, and the stream may be moved; no peaks instead of samples; the device's latency goes
                // with the fragment's.
                for flag in [false, false, false, false, false, false, false, false, true] { message.add(flag) }
                message.add(properties: ["media.name": "recording", "media.role": "production"])
                message.add(PulseCommand.none)
            }
        } catch .noSource { throw .gone(id) } catch .busy { throw .busy(id) } catch { throw error }
        let stream: UInt32
        do throws(PulseFlaw) { stream = try answer.number() } catch { throw connection.malformed }
        var clock = SampleClock(rate: wanted.sampleRate)
        let asked = MonotonicTime.now
        let latency = try await connection.ask(.getRecordLatency) { message in
            message.add(stream)
            message.addTime()
        }
        guard look(latency, asked: asked, wanted, &clock) else { throw connection.malformed }
        return PulseSource(id, wanted, over: connection, stream: stream, clock: clock)
    }

    /// False when the answer makes no sense. What was recorded last was in the air earlier by the source's latency, and what a sink
    /// has played by its monitor is heard that much later.
    static func look(
        _ answer: PulseReader, asked: MonotonicTime, _ format: SoundFormat, _ clock: inout SampleClock
    ) -> Bool {
        var answer = answer
        do throws(PulseFlaw) {
            // PipeWire writes those that are below zero, which owners may set, like this.
            let sink = Double(Int64(bitPattern: try answer.microseconds()))
            let source = Double(Int64(bitPattern: try answer.microseconds()))
            _ = try answer.bool()
            try answer.skipTime()
            try answer.skipTime()
            let written = try answer.signed() / Int64(2 * format.channels)
            let late = (source - sink) / 1e6
            // No device is so late, and nobody has recorded for so long: it is worth nothing.
            guard abs(late) < 60, (0..<1 << 48).contains(written) else { return true }
            // The answer was true somewhere between question and answer; when that is long, as on a machine that stands still, it is
            // worth less than what is known.
            let way = asked.duration(to: .now)
            if way < Self.longestWay || clock.time(of: 0) == nil {
                clock.saw(written + Int64(late * Double(format.sampleRate)), at: asked + way / 2)
            }
            return true
        } catch { return false }
    }

    func next() async throws(SoundError) -> SoundChunk {
        do throws(SoundError) {
            while true {
                try await askForLatency()
                switch try await connection.next() {
                case .samples(let stream, let bytes) where stream == self.stream:
                    if let chunk = chunk(of: bytes) { return chunk }
                // No other stream is ours.
                case .samples: throw connection.malformed
                case .message(PulseCommand.recordStreamKilled.rawValue, _, _): throw .gone(id)
                case .message(PulseCommand.reply.rawValue, let tag, let answer) where tag == question?.tag:
                    guard let asked = question?.at,
                        Self.look(PulseReader(answer[...]), asked: asked, format, &clock)
                    else { throw connection.malformed }
                    question = nil
                    lastAnswer = .now
                // The stream was moved or held, or someone of a later version has something to say.
                case .message: break
                }
            }
        } catch .gone { throw .gone(id) } catch { throw error }
    }

    private func chunk(of bytes: [UInt8]) -> SoundChunk? {
        let samples = stride(from: 0, to: bytes.count - bytes.count % (2 * format.channels), by: 2).map { index in
            Int16(bitPattern: UInt16(bytes[index]) | UInt16(bytes[index + 1]) << 8)
        }
        guard !samples.isEmpty else { return nil }
        let time = clock.time(of: frames) ?? .now
        frames += Int64(samples.count / format.channels)
        return SoundChunk(samples: samples, capturedAt: time)
    }

    private func askForLatency() async throws(SoundError) {
        guard question == nil, lastAnswer.duration(to: .now) >= Self.looks else { return }
        let asked = MonotonicTime.now
        let stream = stream
        let tag = try await connection.send(.getRecordLatency) { message in
            message.add(stream)
            message.addTime()
        }
        question = (tag, asked)
    }

    /// A server does not tell.
    nonisolated var lost: Duration { .zero }

    /// The server sees that we have gone, and lets go of the source.
    nonisolated func close() async {
        connection.close()
    }
}
