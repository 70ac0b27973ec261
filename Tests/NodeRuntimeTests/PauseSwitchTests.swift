import NodeCore
import NodeTesting
import Testing

@testable import NodeRuntime

@Suite struct PauseSwitchTests {
    private let pause = PauseSwitch("camera", .machine)

    private func ask(_ handler: Handler, begun: OneShot? = nil) async -> Reply {
        let clock = HandClock()
        let guarded = pause.guarding(
            Handler(name: handler.name) { invocation, context in
                begun?.fire()
                return await handler.perform(invocation, context)
            })
        return await guarded.perform(
            Invocation(id: "1", command: handler.name, params: nil, deadline: nil, payloadLimit: 1000),
            InvocationContext(id: "1", deadline: nil, payloadLimit: 1000, timekeeper: clock, log: .silent))
    }

    private let quick = Handler(name: "camera.list") { _, _ in Reply(outcome: .success([1])) }
    private let stuck = Handler(name: "camera.snap") { _, _ in
        do { try await OneShot().fired() } catch { return .refused(.cancelled) }
        return Reply(outcome: .success([1]))
    }

    private func isRefused(_ reply: Reply) -> Bool {
        if case .failure(let refusal) = reply.outcome {
            refusal.code == "CAMERA_DISABLED" && refusal.message.contains("sudo clawnode resume camera")
        } else {
            false
        }
    }

    @Test("what is paused is refused, what is resumed is served", .timeLimit(.minutes(5))) func turns() async {
        #expect(await ask(quick).outcome == .success([1]))
        pause.set(isPaused: true)
        #expect(await isRefused(ask(quick)))
        pause.set(isPaused: false)
        #expect(!pause.isPaused)
        #expect(await ask(quick).outcome == .success([1]))
    }

    @Test("what is under way is answered at once, and is cancelled", .timeLimit(.minutes(5))) func underWay()
        async throws
    {
        let begun = OneShot()
        async let reply = ask(stuck, begun: begun)
        try await begun.fired()
        pause.set(isPaused: true)
        #expect(await isRefused(reply))
    }

    @Test("whoever withdraws hears what the command says", .timeLimit(.minutes(5))) func withdrawn() async throws {
        let reply = await withTaskGroup(of: Reply.self) { group in
            group.addTask { await ask(stuck) }
            group.cancelAll()
            return await group.next()
        }
        #expect(reply?.outcome == .failure(.cancelled))
    }
}
