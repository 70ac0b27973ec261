import LinuxIO
import NodeCore

/// Makes a file of frames and samples while they come.
package protocol ClipEncoder: Sendable {
    /// Throws `noEncoder` where nothing would come of any encoding, so that no device need be opened for it.
    func find() throws(ClipError)

    /// `feed` adds what is to be in the file and returns when all of it is. When this returns or throws, nothing of the encoding
    /// runs any more; it is given up at once when `feed` throws or the task is cancelled.
    func encode(
        _ plan: ClipPlan, _ feed: @Sendable (any ClipTrack) async throws -> Void
    ) async throws -> EncodedClip
}

/// Where the frames and samples of one file go. Times are those of their sources; the first of all is the file's beginning.
package protocol ClipTrack: Sendable {
    /// Returns once the encoder takes what it is given; what is added before waits for that. Throws `CancellationError` only.
    func ready() async throws

    /// Copies what it needs of `frame` and never waits: false when there is no room for it, and the file then lacks it.
    func add(_ frame: Image) -> Bool

    /// The same for a frame that must not be left out: waits until there is room, for as long as the encoder lives. False for one
    /// for which there never is.
    func addNeeded(_ frame: Image) async throws(ClipError) -> Bool

    /// Waits until there is room: no sample is ever dropped.
    func add(_ sound: SoundChunk) async throws(ClipError)
}

/// A finished file in a sealed memfd.
package struct EncodedClip: Sendable {
    package let file: MemoryFile
    /// From the beginning of the first frame or sample to the end of the last.
    package let duration: Duration
    /// In the file; not those for which there was no room.
    package let frames: Int
    package let hasSound: Bool

    package init(file: MemoryFile, duration: Duration, frames: Int, hasSound: Bool) {
        self.file = file
        self.duration = duration
        self.frames = frames
        self.hasSound = hasSound
    }
}

/// Why there is no file.
package enum ClipError: Error, Equatable, Sendable {
    /// The program that encodes is not there; its package.
    case noEncoder(package: String)
    /// It ended, or hung, before the file was whole.
    case encoderDied(String)
    /// In the codec's words.
    case unencodable(String)
    case tooLarge(bytes: Int, limit: Int)
    /// Others are being encoded, and for one more there is no memory.
    case busy
    /// More than this machine, or the service's unit, has for that.
    case noMemory(bytes: Int, limit: Int)
    case system(Errno)
    case cancelled
}

extension ClipError: RefusalConvertible {
    package var refusal: Refusal {
        switch self {
        case .noEncoder(let package):
            Refusal(.unavailable, "clips and sound need an encoder; on the node's machine: sudo apt install \(package)")
        case .encoderDied(let reason): Refusal(.unavailable, "the encoder ended early (\(reason)); ask again")
        case .unencodable(let reason): Refusal(.unavailable, "it cannot be encoded (\(reason))")
        case .tooLarge(let bytes, let limit):
            Refusal(.payloadTooLarge, "the file has \(bytes) bytes, \(limit) fit; ask for a smaller durationMs")
        case .busy:
            Refusal(
                .unavailable,
                "BUSY: no memory to encode another clip beside those under way; ask again when they are over")
        case .noMemory(let bytes, let limit):
            Refusal(
                .unavailable,
                "encoding it takes \(bytes >> 20) MB of memory, and \(limit >> 20) are there for that; use a camera with smaller pictures, "
                    + "or raise MemoryMax= of the service")
        case .system(let error):
            Refusal(.unavailable, "the node has no room for it (\(error)); ask again when less is under way")
        case .cancelled: .cancelled
        }
    }
}
