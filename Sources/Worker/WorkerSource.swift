import Glibc
import LinuxIO
import NodeCore

/// Where a worker comes from when one is needed.
package enum WorkerSource: Sendable {
    /// It is our child.
    case program(WorkerProgram)
    /// systemd starts one for each connection to the socket at `path` (`Accept=yes`, systemd.socket(5)), as another user whom
    /// we can neither signal nor wait for.
    case socket(path: String, name: String)

    package var name: String {
        switch self {
        case .program(let program): program.name
        case .socket(_, let name): name
        }
    }

    /// A worker with a connection to it; without a process where it is not ours.
    func start(on loop: EventLoop) throws(Refusal) -> (MessageSocket, ChildProcess?) {
        switch self {
        case .program(let program):
            let path = try program.find()
            do throws(Errno) {
                let sockets = try MessageSocket.pair(on: loop)
                return (sockets.ours, try program.start(path, channel: sockets.theirs, on: loop))
            } catch { throw Refusal(.unavailable, "\(path) cannot be started: \(error)") }
        case .socket(let path, _):
            do throws(Errno) { return (try MessageSocket.connect(to: path, on: loop), nil) } catch {
                throw Refusal(.unavailable, reason(error, path))
            }
        }
    }

    private func reason(_ error: Errno, _ path: String) -> String {
        // Where a user's own service manager listens ($XDG_RUNTIME_DIR, as pam_systemd sets it).
        let owner: NodeOwner = path.hasPrefix("/run/user/") ? .user : .machine
        return switch error.code {
        case ENOENT, ECONNREFUSED:
            "nobody listens at \(path); on the node's machine: \(owner.systemctl("enable --now", "\(name).socket"))"
        case EACCES: "this node's user may not connect to \(path); its systemd unit says who may (SocketUser=)"
        case EAGAIN:
            "too many wait at \(path) already; on the node's machine: \(owner.systemctl("status", "\(name).socket"))"
        default: "\(path) cannot be connected to: \(error)"
        }
    }
}
