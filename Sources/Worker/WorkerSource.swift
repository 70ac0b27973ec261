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
    /// It has come by itself, over a connection that is there once, and is believed less: it may only answer what it is asked.
    case caller(Caller, name: String)

    package var name: String {
        switch self {
        case .program(let program): program.name
        case .socket(_, let name), .caller(_, let name): name
        }
    }

    var isCaller: Bool { if case .caller = self { true } else { false } }

    /// How long its texts may be. From somebody who is believed less, what is longer is no answer beside a picture or a recording.
    var textLimit: Int { isCaller ? 256 * 1024 : WorkerChannel.attachedLimit }

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
        case .caller(let caller, let name):
            guard let socket = caller.take() else { throw Refusal(.unavailable, "\(name) has ended; ask again") }
            return (socket, nil)
        }
    }

    /// What a worker has answered, as far as it is believed.
    func heard(_ reply: Reply) -> Reply {
        isCaller ? reply.hearsay(of: name) : reply
    }

    /// What they are told who had asked a worker that went without an answer.
    func lost(_ how: String) -> Refusal {
        isCaller
            ? Refusal(.unavailable, "\(name) ended before it had answered (\(how)); ask again")
            : Refusal(.unavailable, "\(name) ended unexpectedly (\(how)); the next call starts a fresh one")
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
