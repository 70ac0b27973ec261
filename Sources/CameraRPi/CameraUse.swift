import LinuxIO
import Synchronization

/// Who uses one camera: only one program can have it at a time.
final class CameraUse: Sendable {
    /// Who asks for a picture at the same time waits.
    let turn = Turn()
    private let filming = Mutex(false)

    /// Whether a clip is being recorded, or is next. Nobody waits for the end of that.
    var isFilming: Bool {
        get { filming.withLock { $0 } }
        set { filming.withLock { $0 = newValue } }
    }
}
