import Gateway
import Glibc
import LinuxIO
import NodeCore
import Synchronization

/// Why the daemon cannot start, beside what is wrong with its files.
package enum AgentError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Another daemon uses the state directory.
    case alreadyRunning(String)

    package var description: String {
        switch self {
        case .alreadyRunning(let directory):
            "another clawnode runs with \(directory) (see: \(NodeOwner(ofStateAt: directory).clawnode) status); stop that one, or give this one a directory "
                + "of its own: --state-dir DIR"
        }
    }
}

/// The state directory, held for one daemon: two with one identity would evict each other at the gateway.
package final class StateDirectory: Sendable {
    package let path: String
    private let lock: Mutex<FileLock?>

    static let lockName = "state.lock"

    /// Makes it when it is missing, with mode 0700.
    package init(claiming path: String) throws {
        self.path = path
        lock = Mutex(try Self.lock(path))
    }

    private static func lock(_ path: String) throws -> FileLock {
        let lock: FileLock?
        do throws(Errno) { try StateFile.makeDirectory(path) } catch { throw StateError.unwritable(path: path, error) }
        do throws(Errno) { lock = try FileLock.acquire(path + "/" + lockName) } catch {
            throw StateError.unwritable(path: path + "/" + lockName, error)
        }
        guard let lock else { throw AgentError.alreadyRunning(path) }
        return lock
    }

    /// Whether it is still what is at `path`, as long as nobody has removed it or moved it away.
    var isHeld: Bool { lock.withLock { $0?.isLock(of: path + "/" + Self.lockName) ?? false } }

    /// The kernel tells the end of a directory only when no file that was in it is open any more. What is held stays so: of two
    /// who watch, the other may have claimed it again.
    func letGoIfLost() {
        lock.withLock { lock in
            if lock?.isLock(of: path + "/" + Self.lockName) != true { lock = nil }
        }
    }

    /// Claims what is at `path` now, made when it is missing.
    func claimAgain() throws {
        letGoIfLost()
        if isHeld { return }
        let fresh = try Self.lock(path)
        lock.withLock { $0 = fresh }
    }

    /// Makes it when it is missing. Throws what writing into it would, as far as that is known before.
    package static func prepare(_ path: String) throws(StateError) {
        do throws(Errno) {
            try StateFile.makeDirectory(path)
            try call { access(path, W_OK) }
        } catch { throw .unwritable(path: path, error) }
    }

    /// Whether a daemon runs with the directory at `path`.
    package static func isClaimed(_ path: String) throws(StateError) -> Bool {
        do throws(Errno) { return try FileLock.isHeld(path + "/" + lockName) } catch {
            throw .unreadable(path: path + "/" + lockName, error)
        }
    }
}
