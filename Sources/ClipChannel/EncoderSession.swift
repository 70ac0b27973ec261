import Glibc
import LinuxIO
import NodeCore
import NodeMedia
import Synchronization

/// One clip, as the process sees it that has the frames.
struct EncoderSession: Sendable {
    let child: ChildProcess
    let socket: MessageSocket
    let ring: SharedMemory
    let track: RingTrack
    let loop: EventLoop
    private let pulse = PulseHolder()

    init(child: ChildProcess, socket: MessageSocket, ring: SharedMemory, track: RingTrack, loop: EventLoop) {
        self.child = child
        self.socket = socket
        self.ring = ring
        self.track = track
        self.loop = loop
    }

    /// Returns or throws when all that it has started, but the child, is over.
    func run(
        _ plan: ClipPlan, known: KnownEncoder,
        _ feed: @escaping @Sendable (any ClipTrack) async throws -> Void, log: Log
    ) async throws -> EncodedClip {
        let lesson = known.lesson
        let order = EncoderMessage.Order(plan, encoder: lesson.name, avoidsHardware: lesson.avoidsHardware)
        do {
            try await socket.send(EncoderMessage.order(order).bytes, descriptors: [ring.descriptor])
        } catch let error as Errno { throw await death(error.isPeerGone ? nil : "\(error)") }
        return try await withThrowingTaskGroup(of: EncodedClip?.self) { group in
            group.addTask {
                try await feed(track)
                pulse.state.withLock { $0.isFinishing = true }
                // One that is gone is noticed by the listener.
                _ = try? socket.post(EncoderMessage.finish.bytes)
                return nil
            }
            group.addTask {
                do throws(ClipError) { return try await listen(plan, known, log) } catch {
                    giveUp(plan, known, error)
                    throw error
                }
            }
            group.addTask {
                let error = try await hang()
                giveUp(plan, known, error)
                throw error
            }
            defer { group.cancelAll() }
            while let clip = try await group.next() {
                if let clip { return clip }
            }
            throw ClipError.encoderDied("nobody listened")
        }
    }

    private func giveUp(_ plan: ClipPlan, _ known: KnownEncoder, _ error: ClipError) {
        let hasPictures = plan.video.map { $0.format != .h264 } ?? false
        if hasPictures, error != .cancelled { known.failed(error) }
        track.fail(error)
    }

    private func listen(_ plan: ClipPlan, _ known: KnownEncoder, _ log: Log) async throws(ClipError) -> EncodedClip {
        var encoder = ""
        while true {
            var packet: Packet
            do {
                guard let received = try await socket.receive() else { throw await death(nil) }
                packet = received
            } catch let error as ClipError { throw error } catch is CancellationError { throw .cancelled } catch {
                throw await death("\(error)")
            }
            pulse.state.withLock { $0.pulse.beat() }
            switch EncoderMessage(packet.bytes) {
            case .ready(let name):
                encoder = name
                pulse.state.withLock { $0.isReady = true }
                track.readiness.fire()
            case .frameTaken(let slot) where track.frames.giveBack(slot): break
            case .soundTaken(let slot) where track.sounds.giveBack(slot): break
            case .working: break
            case .failed(let error): throw error
            case .done(let outcome):
                let file = try adopt(packet.takeDescriptor(), limit: plan.limit)
                if outcome.unreadable > 0 {
                    log.info("Frames could not be decoded", ["count": "\(outcome.unreadable)"])
                }
                if !encoder.isEmpty { known.worked(encoder) }
                return EncodedClip(
                    file: file, duration: .nanoseconds(outcome.nanoseconds), frames: outcome.frames,
                    hasSound: outcome.hasSound)
            default: throw await death("it spoke out of turn")
            }
        }
    }

    private func adopt(_ descriptor: consuming FileDescriptor?, limit: Int) throws(ClipError) -> MemoryFile {
        guard let descriptor else { throw .encoderDied("without a file") }
        let file: MemoryFile
        do throws(MemoryFileError) { file = try MemoryFile(adopting: descriptor) } catch {
            switch error {
            case .notSealed: throw .encoderDied("its file is not sealed")
            case .system(let error): throw .system(error)
            }
        }
        if file.size > limit { throw .tooLarge(bytes: file.size, limit: limit) }
        return file
    }

    /// Ends it, and says how it ended by itself where it did.
    private func death(_ reason: String?) async -> ClipError {
        // Its socket is closed a moment before it has ended.
        if reason == nil {
            // Whatever keeps its end from us, the words below say enough.
            let status = await loop.within(.seconds(5)) { try? await child.wait() } ?? nil
            switch status {
            case .exited(let code)?: return .encoderDied("status \(code)")
            case .signalled(let number)?: return .encoderDied("signal \(number)")
            case nil: break
            }
        }
        await child.end()
        return .encoderDied(reason ?? "it hung up")
    }

    /// Returns when the encoder hangs.
    private func hang() async throws -> ClipError {
        while true {
            try await loop.sleep(for: .seconds(1))
            let isTaken = track.isTaken
            let hasStopped = pulse.state.withLock { state in
                state.pulse.hasStopped(owes: !isTaken || state.isFinishing || !state.isReady)
            }
            if hasStopped { return .encoderDied("it said nothing for \(Pulse.patience) seconds") }
        }
    }
}

private final class PulseHolder: Sendable {
    struct State {
        var pulse = Pulse()
        var isReady = false
        var isFinishing = false
    }

    let state = Mutex(State())
}
