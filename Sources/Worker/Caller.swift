import LinuxIO
import NodeCore
import Synchronization

/// The connection of a worker that has come by itself, until somebody has taken it.
package final class Caller: Sendable {
    private let socket: Mutex<MessageSocket?>

    package init(_ socket: MessageSocket) {
        self.socket = Mutex(socket)
    }

    func take() -> MessageSocket? {
        socket.withLock { $0.take() }
    }
}

extension WorkerMessage {
    /// Whether a worker may say it: first it greets, once, and what the daemon says it never does.
    func isFitting(afterHello: Bool) -> Bool {
        switch self {
        case .hello: !afterHello
        case .begun, .reply, .resting, .condition: afterHello
        case .invoke, .cancel: false
        }
    }
}

extension Reply {
    /// As it may be passed on of somebody who is not the node: a JSON object, and in our own writing, for it becomes part of a frame.
    func hearsay(of name: String) -> Reply {
        guard case .success(let text) = outcome else { return self }
        do throws(JSONFailure) {
            if case .object(let members) = try JSON.decode(JSONTree.self, from: text) {
                return Reply(outcome: .success(try JSON.encode(JSONTree.object(members))), blob: blob)
            }
        } catch {}  // said below
        return .refused(Refusal(.unavailable, "\(name) answered what cannot be read; ask again"))
    }
}
