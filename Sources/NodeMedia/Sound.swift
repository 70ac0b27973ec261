import NodeCore

/// How samples lie one after the other: the channels' samples of one moment together, 16 bits each, in the machine's order.
package struct SoundFormat: Equatable, Sendable, Codable {
    /// In hertz.
    package let sampleRate: Int
    package let channels: Int

    package init(sampleRate: Int, channels: Int) {
        self.sampleRate = sampleRate
        self.channels = channels
    }
}

/// Some sound, as it came from a device.
package struct SoundChunk: Sendable {
    /// Interleaved; a multiple of the channels.
    package let samples: [Int16]
    /// When the first of them was in the air.
    package let capturedAt: MonotonicTime

    package init(samples: [Int16], capturedAt: MonotonicTime) {
        self.samples = samples
        self.capturedAt = capturedAt
    }
}

/// Where sound is recorded from.
package protocol Microphone: Sendable {
    /// Opens the source of that id, the default one for nil, as near to `wanted` as it can, for as long as `body` runs.
    func record<R: Sendable>(
        from id: String?, as wanted: SoundFormat,
        _ body: @Sendable (any SoundStream) async throws -> R
    ) async throws -> R
}

/// An open source.
package protocol SoundStream: Sendable {
    var format: SoundFormat { get }

    /// The next samples, without a gap to the last; a few tens of milliseconds at a time. Cancelling ends the wait at once.
    func next() async throws(SoundError) -> SoundChunk
}

/// Why there is no sound, with what mends it.
package enum SoundError: Error, Equatable, Sendable {
    /// No source has that id. The ids that there are.
    case notFound(String, known: [String])
    /// The one that the configuration names is not there. The ids that there are, where they are known.
    case usualMissing(String, known: [String])
    case noSource
    /// The device or server, and what may be done.
    case permission(String, remedy: String)
    case busy(String)
    /// Unplugged, or its server ended.
    case gone(String)
    /// In the driver's or server's words.
    case failed(String, reason: String)
    case cancelled
}

extension SoundError: RefusalConvertible {
    package var refusal: Refusal {
        switch self {
        case .notFound(let id, []):
            Refusal(
                .invalidRequest,
                "no source \"\(id.cited)\": this node hears none at all; plug a microphone in")
        case .notFound(let id, let known):
            Refusal(
                .invalidRequest,
                "no source \"\(id.cited)\"; deviceId is one of: \(known.joined(separator: ", "))")
        case .usualMissing(let id, let known):
            Refusal(
                .microphoneUnavailable,
                "the usual microphone, \"\(id)\" (audio.source in the configuration), is not there; plug it in, or set audio.source to "
                    + (known.isEmpty ? "an id that audio.list shows" : "one of: \(known.joined(separator: ", "))")
                    + ", and start the node again")
        case .noSource:
            Refusal(.microphoneUnavailable, "no microphone found; plug one in, audio.list shows what the node hears")
        case .permission(let device, let remedy):
            Refusal(.microphonePermissionRequired, "no permission to use \(device); \(remedy)")
        case .busy(let source):
            Refusal(.microphoneUnavailable, "microphone busy: another program uses \(source); stop that and ask again")
        case .gone(let source):
            Refusal(
                .microphoneUnavailable, "\(source) was unplugged, or its sound server ended; plug it in and ask again")
        case .failed(let source, let reason):
            Refusal(.microphoneUnavailable, "\(source) failed: \(reason)")
        case .cancelled: .cancelled
        }
    }
}

extension Refusal.Code {
    package static let microphoneUnavailable: Refusal.Code = "MIC_UNAVAILABLE"
    package static let microphonePermissionRequired: Refusal.Code = "MIC_PERMISSION_REQUIRED"
}
