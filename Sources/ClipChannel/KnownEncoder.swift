import NodeMedia
import Synchronization

/// What clips have shown of this machine's encoders, so that the next process need not try all of them. What has been plugged in
/// since is found by the next worker process.
final class KnownEncoder: Sendable {
    struct Lesson: Equatable, Sendable {
        /// The one that worked last.
        var name: String?
        /// Hardware that passes its trial may still fail in a clip, or take its process with it: from then on software goes first.
        var avoidsHardware = false
    }

    private let state = Mutex(Lesson())

    var lesson: Lesson { state.withLock { $0 } }

    func worked(_ encoder: String) { state.withLock { $0.name = encoder } }

    func failed(_ error: ClipError) {
        state.withLock { lesson in
            lesson.name = nil
            if case .encoderDied = error { lesson.avoidsHardware = true }
        }
    }
}
