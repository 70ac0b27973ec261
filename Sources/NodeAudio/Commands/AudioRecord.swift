import LinuxIO
import NodeCore
import NodeMedia

/// `audio.record`: some seconds of sound (node-commands §8.3).
struct AudioRecord: Command {
    static let name: CommandName = "audio.record"
    static let alias: CommandName = "mic.record"
    static let summary =
        "Sound. Takes `deviceId`; `durationMs` from 250 to 60000 (5000); `format` (`ogg`, `m4a`, `flac` or `wav`; `ogg` where an "
        + "encoder is installed, else `wav`); `sampleRate` from 8000 to 48000 (16000); `channels`, 1 or 2 (1)."

    struct Output: Encodable, Sendable, HasBlob {
        let format: String
        let durationMs: Int
        let sampleRate: Int
        let channels: Int
        /// Where 1 is as loud as can be.
        let rms: Double
        let peak: Double
        let blob: Blob?

        enum CodingKeys: CodingKey {
            case format, durationMs, sampleRate, channels, rms, peak
        }
    }

    let microphone: any Microphone
    let encoder: any ClipEncoder

    func run(_ params: AudioRecordParams, in context: InvocationContext) async throws -> Output {
        try params.source.check(context)
        let recording = Recording(
            take: Take(duration: params.source.duration), format: params.format,
            limit: ByteBudget(payloadLimit: context.payloadLimit, most: ByteBudget.clip).limit)
        let container = try container(for: params)
        if container == .wav { try recording.checkWAV() }
        let encoder = encoder
        return try await microphone.record(from: params.source.deviceId, as: params.format) { stream in
            if container == .wav { return try await recording.wav(of: stream) }
            return try await recording.encoded(stream, as: container, by: encoder)
        }
    }

    private func container(for params: AudioRecordParams) throws(ClipError) -> ClipPlan.Container {
        if params.container == .wav { return .wav }
        do throws(ClipError) { try encoder.find() } catch {
            // Who named a format wants no other.
            guard params.container == nil else { throw error }
            return .wav
        }
        return params.container ?? .ogg
    }
}

/// How one request's sound becomes a file.
private struct Recording: Sendable {
    let take: Take
    let format: SoundFormat
    /// In bytes of the file.
    let limit: Int

    func checkWAV() throws(ClipError) {
        let size = WAVFile.size(format, frames: take.frames(at: format.sampleRate))
        if size > limit { throw .tooLarge(bytes: size, limit: limit) }
    }

    func wav(of stream: any SoundStream) async throws -> AudioRecord.Output {
        let frames = take.frames(at: format.sampleRate)
        let wav: WAVFile
        do throws(Errno) { wav = try WAVFile(format, frames: frames) } catch { throw ClipError.system(error) }
        let meter = SoundMeter()
        var converter = SoundConverter(from: stream.format, to: format)
        func write(_ samples: [Int16]) throws(ClipError) {
            do throws(Errno) { try wav.append(samples) } catch { throw .system(error) }
        }
        try await take.run(stream) { chunk in
            meter.hear(chunk.samples)
            try write(converter.convert(chunk.samples))
        }
        try write(converter.finish(total: frames))
        return output("wav", format, take.duration, meter, wav.file)
    }

    func encoded(
        _ stream: any SoundStream, as container: ClipPlan.Container, by encoder: any ClipEncoder
    ) async throws -> AudioRecord.Output {
        var plan = ClipPlan(container, sound: stream.format, duration: take.duration, limit: limit)
        let format = container.storable(format)
        plan.storedSound = format
        let meter = SoundMeter()
        let take = take
        let clip = try await encoder.encode(plan) { track in
            let queue = SoundQueue(stream.format)
            try await withThrowingTaskGroup(of: Void.self) { group in
                // A device that nobody reads overruns, and an encoder may take its time to start.
                group.addTask {
                    defer { queue.finish() }
                    try await take.run(stream) { chunk in
                        meter.hear(chunk.samples)
                        queue.add(chunk)
                    }
                }
                while let chunk = await queue.next() { try await track.add(chunk) }
                try await group.waitForAll()
            }
        }
        return output(container.rawValue, format, clip.duration, meter, clip.file)
    }

    private func output(
        _ name: String, _ format: SoundFormat, _ duration: Duration, _ meter: SoundMeter, _ file: MemoryFile
    ) -> AudioRecord.Output {
        AudioRecord.Output(
            format: name, durationMs: Int((duration / .milliseconds(1)).rounded()), sampleRate: format.sampleRate,
            channels: format.channels, rms: meter.rms, peak: meter.peak, blob: Blob(file: file, field: "base64"))
    }
}
