import Glibc
import LinuxIO
import NodeCore
import NodeTesting
import Testing

@testable import Worker

@Suite("WorkerService", .timeLimit(.minutes(5))) struct WorkerServiceTests {
    /// A service with the daemon's end of its channel.
    private struct Served: Sendable {
        let daemon: WorkerChannel
        let clock: HandClock
        let gaveUp: OneShot

        func next() async throws -> WorkerMessage? { try await daemon.receive()?.message }

        func invoke(_ command: String, id: Int) async throws {
            let invocation = Invocation(id: "", command: CommandName(command), payloadLimit: 1 << 20)
            try await daemon.send(invocation, id: id, budgetMs: nil)
        }

        /// The reply to `id`, which is the next message after that it has begun.
        func outcome(of id: Int) async throws -> WorkerMessage.Reply.Outcome? {
            guard case .begun(id) = try await next() else { return nil }
            guard case .reply(let reply) = try await next(), reply.id == id else { return nil }
            return reply.outcome
        }
    }

    /// Returns when both `body` and the service have.
    private func serve(
        _ handlers: [Handler], _ body: @escaping @Sendable (Served) async throws -> Void
    ) async throws {
        try await onEventLoop { loop in
            let (daemon, socket) = try ends(on: loop)
            let served = Served(daemon: WorkerChannel(daemon), clock: HandClock(), gaveUp: OneShot())
            let service = WorkerService(
                registry: CommandRegistry(handlers), socket: socket, linger: .seconds(10), timekeeper: served.clock,
                log: .silent, giveUp: { served.gaveUp.fire() })
            async let run: Void = service.run()
            try await body(served)
            served.daemon.close()
            try await run
        }
    }

    private func ends(on loop: EventLoop) throws -> (daemon: MessageSocket, worker: MessageSocket) {
        let pair = try MessageSocket.pair(on: loop)
        return (pair.ours, try MessageSocket(adopting: pair.theirs.duplicate(), on: loop))
    }

    private static let waits = Handler(name: "test.wait") { _, _ in
        do { try await OneShot().fired() } catch { return .refused(.cancelled) }
        return .refused(.failed("test.wait"))
    }

    @Test("it says first which program it is")
    func hello() async throws {
        try await serve([]) { served in
            guard case .hello(let version, let pid) = try await served.next() else {
                Issue.record("no hello")
                return
            }
            #expect(version == nodeVersion && pid == Int(getpid()))
        }
    }

    @Test("a cancelled invocation is answered at once")
    func cancel() async throws {
        try await serve([Self.waits]) { served in
            _ = try await served.next()
            try await served.invoke("test.wait", id: 7)
            try await served.daemon.send(.cancel(id: 7))
            guard case .refusal(let code, _) = try await served.outcome(of: 7) else {
                Issue.record("no refusal")
                return
            }
            #expect(code == "UNAVAILABLE")
        }
    }

    @Test("a refusal of any length fits")
    func longRefusal() async throws {
        let long = Handler(name: "test.long") { _, _ in
            .refused(Refusal(.unavailable, String(repeating: "\u{1}", count: 100_000)))
        }
        try await serve([long]) { served in
            _ = try await served.next()
            try await served.invoke("test.long", id: 1)
            guard case .refusal(_, let message) = try await served.outcome(of: 1) else {
                Issue.record("no refusal")
                return
            }
            #expect(message.utf8.count == 4096)
        }
    }

    @Test("work that goes on two seconds after its cancellation is given up with the process")
    func givesUp() async throws {
        let over = OneShot()
        let stubborn = Handler(name: "test.stubborn") { _, _ in
            // Outside of the cancelled task, so that nothing stops it.
            await Task.detached { try? await over.fired() }.value
            return .refused(.cancelled)
        }
        try await serve([stubborn]) { served in
            _ = try await served.next()
            try await served.invoke("test.stubborn", id: 1)
            try await served.daemon.send(.cancel(id: 1))
            _ = try await served.outcome(of: 1)
            // The one that waits for rest, and the one that guards the end.
            await served.clock.sleepers(2)
            served.clock.advance(by: .milliseconds(1_999))
            #expect(!served.gaveUp.hasFired)
            served.clock.advance(by: .milliseconds(1))
            try await served.gaveUp.fired()
            over.fire()
        }
    }

    @Test("it offers to go ten seconds after its last work, and stays until it is hung up on")
    func rests() async throws {
        try await serve([]) { served in
            _ = try await served.next()
            await served.clock.sleepers(1)
            served.clock.advance(by: .seconds(10))
            guard case .resting = try await served.next() else {
                Issue.record("does not rest")
                return
            }
            try await served.invoke("test.unknown", id: 1)
            guard case .refusal(let code, _) = try await served.outcome(of: 1) else {
                Issue.record("no refusal")
                return
            }
            #expect(code == "INVALID_REQUEST")
        }
    }
}
