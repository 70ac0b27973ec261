import Glibc
import LinuxIO
import NodeCore
import NodeMedia
import Synchronization

/// Puts frames and samples where the encoder finds them.
final class RingTrack: ClipTrack {
    private let video: ClipPlan.Video?
    private let sound: SoundFormat?
    private let layout: RingLayout
    private let ring: SharedMemory
    private let socket: MessageSocket
    let frames: SlotPool
    let sounds: SlotPool
    /// The encoder is set up.
    let readiness = OneShot()
    /// Those without room too, so that the encoder knows where one is missing.
    private let offered = Mutex(0)

    init(_ plan: ClipPlan, _ layout: RingLayout, _ ring: SharedMemory, _ socket: MessageSocket) {
        video = plan.video
        sound = plan.sound
        self.layout = layout
        self.ring = ring
        self.socket = socket
        frames = SlotPool(layout.frameSlots)
        sounds = SlotPool(layout.soundSlots)
    }

    /// Whether the encoder has taken all that it was given.
    var isTaken: Bool { frames.isComplete && sounds.isComplete }

    func fail(_ error: ClipError) {
        frames.fail(error)
        sounds.fail(error)
    }

    func ready() async throws { try await readiness.fired() }

    func add(_ frame: Image) -> Bool {
        let number = offer()
        guard fits(frame), let slot = frames.take() else { return false }
        // An encoder that is gone is noticed by whoever listens to it.
        return (try? put(frame, number, into: slot)) != nil
    }

    func addNeeded(_ frame: Image) async throws(ClipError) -> Bool {
        let number = offer()
        guard fits(frame) else { return false }
        let slot = try await frames.next()
        do throws(Errno) { try put(frame, number, into: slot) } catch { throw await meaning(of: error, frames) }
        return true
    }

    private func offer() -> Int {
        offered.withLock { offered in
            offered += 1
            return offered
        }
    }

    /// Whether a slot can hold it.
    private func fits(_ frame: Image) -> Bool {
        guard let video, frame.format == video.format || frame.format.isJPEG && video.format.isJPEG,
            (1...layout.frameSize).contains(frame.bytes.count)
        else { return false }
        return frame.format != .yuv420
            || frame.width == video.width && frame.height == video.height && frame.bytes.count == layout.frameSize
    }

    private func put(_ frame: Image, _ number: Int, into slot: Int) throws(Errno) {
        let target = UnsafeMutableRawBufferPointer(rebasing: ring.bytes[layout.frame(slot)])
        target.copyBytes(from: frame.bytes)
        // The slot may have held a longer one; decoders want zeros behind the end.
        for index in frame.bytes.count..<min(target.count, frame.bytes.count + 64) { target[index] = 0 }
        try post(.frame(slot: slot, bytes: frame.bytes.count, number: number, at: frame.capturedAt), slot, of: frames)
    }

    /// There is a message for each slot at most, so that the socket always has room.
    private func post(_ message: EncoderMessage, _ slot: Int, of pool: SlotPool) throws(Errno) {
        do throws(Errno) {
            guard try socket.post(message.bytes) else { throw Errno(ENOBUFS) }
        } catch {
            _ = pool.giveBack(slot)
            throw error
        }
    }

    /// What an encoder that is gone has died of is known to whoever listens to it, who then says so to those who wait for room.
    private func meaning(of error: Errno, _ pool: SlotPool) async -> ClipError {
        guard error.isPeerGone else { return .encoderDied("\(error)") }
        do throws(ClipError) { while true { _ = try await pool.next() } } catch { return error }
    }

    func add(_ chunk: SoundChunk) async throws(ClipError) {
        guard let sound else { return }
        var offset = 0
        while offset < chunk.samples.count {
            let slot = try await sounds.next()
            let count = min(layout.soundSamples, chunk.samples.count - offset)
            let target = UnsafeMutableRawBufferPointer(rebasing: ring.bytes[layout.sound(slot)])
            chunk.samples[offset..<offset + count].withUnsafeBytes { target.copyMemory(from: $0) }
            let before = Int64(offset / sound.channels) * 1_000_000_000 / Int64(sound.sampleRate)
            let message = EncoderMessage.sound(
                slot: slot, samples: count, at: MonotonicTime(nanoseconds: chunk.capturedAt.nanoseconds + before))
            do throws(Errno) { try post(message, slot, of: sounds) } catch { throw await meaning(of: error, sounds) }
            offset += count
        }
    }
}
