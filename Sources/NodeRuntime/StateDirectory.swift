import Gateway
import LinuxIO

/// Why the daemon cannot start, beside what is wrong with its files.
package enum AgentError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Another daemon uses the state directory.
    case alreadyRunning(String)

    package var description: String {
        switch self {
        case .alreadyRunning(let directory):
            "another clawnode runs with \(directory) (see: clawnode status); stop that one, or give this one a directory "
                + "of its own: --state-dir DIR"
        }
    }
}

/// The state directory, held for one daemon: two with one identity would evict each other at the gateway.
package struct StateDirectory: Sendable {
    package let path: String
    private let lock: FileLock

    private static let lockName = "/state.lock"

    /// Makes it when it is missing, with mode 0700.
    package init(claiming path: String) throws {
        self.path = path
        let lock: FileLock?
        do throws(Errno) { try StateFile.makeDirectory(path) } catch { throw StateError.unwritable(path: path, error) }
        do throws(Errno) { lock = try FileLock.acquire(path + Self.lockName) } catch {
            throw StateError.unwritable(path: path + Self.lockName, error)
        }
        guard let lock else { throw AgentError.alreadyRunning(path) }
        self.lock = lock
    }

    /// Whether a daemon runs with the directory at `path`.
    package static func isClaimed(_ path: String) throws(StateError) -> Bool {
        do throws(Errno) { return try FileLock.isHeld(path + lockName) } catch {
            throw .unreadable(path: path + lockName, error)
        }
    }
}
