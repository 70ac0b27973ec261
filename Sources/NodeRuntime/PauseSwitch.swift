import NodeCore
import Synchronization

/// The local kill switch of one capability: while it is paused its invocations are refused, and those under way end at once.
final class PauseSwitch: Sendable {
    let capability: String
    private let owner: NodeOwner
    /// Fires when it is paused; there is a new one as soon as it is resumed.
    private let pause = Mutex(OneShot())

    init(_ capability: String, _ owner: NodeOwner) {
        self.capability = capability
        self.owner = owner
    }

    var isPaused: Bool { pause.withLock { $0.hasFired } }

    func set(isPaused: Bool) {
        guard isPaused else {
            return pause.withLock { if $0.hasFired { $0 = OneShot() } }
        }
        pause.withLock { $0 }.fire()
    }

    /// `handler`, for as long as it may.
    func guarding(_ handler: Handler) -> Handler {
        let refusal = Refusal(
            .disabled(capability),
            "\(capability) is paused by the owner of this machine, who can run there: \(owner.clawnode) resume \(capability)"
        )
        return Handler(name: handler.name) { invocation, context in
            let pause = self.pause.withLock { $0 }
            if pause.hasFired { return .refused(refusal) }
            return await withTaskGroup(of: Reply?.self) { group in
                group.addTask { await handler.perform(invocation, context) }
                group.addTask {
                    do { try await pause.fired() } catch { return nil }
                    return .refused(refusal)
                }
                // Of two that were cancelled, the handler is the one that says something.
                var reply: Reply?
                while reply == nil, let next = await group.next() { reply = next }
                group.cancelAll()
                return reply ?? .refused(.cancelled)
            }
        }
    }
}
