import LinuxIO
import NodeTesting
import Synchronization
import Testing

@testable import NodeCore

@Suite struct CommandRegistryTests {
    struct Echo: Command {
        static let name: CommandName = "test.echo"
        struct Params: Codable, Sendable { var text: String? }

        func run(_ params: Params, in context: InvocationContext) async throws -> Params { params }
    }

    /// Waits to be cancelled, or for ever.
    static func stuck(ignoringCancellation gate: OneShot? = nil) -> Handler {
        Handler(name: "test.stuck") { _, _ in
            if let gate {
                // Stands for a driver in the kernel: an unstructured wait that a cancellation does not reach.
                await Task.detached { _ = try? await gate.fired() }.value  // nobody cancels the detached task
            } else {
                _ = try? await OneShot().fired()  // ends by cancellation only
            }
            return .refused(.cancelled)
        }
    }

    final class Box: Sendable {
        let replies = Mutex<[Reply]>([])
        let first = OneShot()

        func deliver(_ reply: Reply) {
            replies.withLock { $0.append(reply) }
            first.fire()
        }

        var texts: [String] {
            replies.withLock { replies in
                replies.map { reply in
                    switch reply.outcome {
                    case .success(let json): String(decoding: json, as: UTF8.self)
                    case .failure(let refusal): refusal.wireMessage
                    }
                }
            }
        }
    }

    func perform(_ name: CommandName, _ params: String?, deadline: Duration? = nil) async -> [String] {
        let box = Box()
        let clock = HandClock()
        let invocation = Invocation(
            id: "1", command: name, params: params.map { Array($0.utf8) }, deadline: deadline.map { clock.now + $0 },
            payloadLimit: 1000)
        await CommandRegistry([Handler(Echo())]).perform(invocation, timekeeper: clock, log: .silent) {
            box.deliver($0)
        }
        return box.texts
    }

    @Test(
        "params are an object, or nothing",
        arguments: [(nil, "{}"), ("null", "{}"), ("{}", "{}"), (" {\"text\":\"ü\"} ", "{\"text\":\"ü\"}")]
            as [(String?, String)])
    func goodParams(params: String?, reply: String) async {
        #expect(await perform("test.echo", params, deadline: .seconds(1)) == [reply])
    }

    @Test(
        "other params are refused, and the field is named",
        arguments: [
            ("7", "params must be a JSON object"), ("[]", "params must be a JSON object"),
            ("", "params must be a JSON object"),
            ("\u{FEFF}{", "params must be a JSON object"), ("{", "params: not valid JSON"),
            ("{}x", "params: not valid JSON"),
            ("{\"text\":5}", "params: text must be a string"),
            (String(repeating: "[", count: 5000), "params must be a JSON object"),
            ("{\"a\":" + String(repeating: "[", count: 5000), "params: not valid JSON"),
        ])
    func badParams(params: String, message: String) async {
        #expect(await perform("test.echo", params) == ["INVALID_REQUEST: \(message)"])
    }

    @Test("an unknown command is refused by name") func unknown() async {
        let replies = await perform("no.such", nil)
        #expect(replies.count == 1)
        #expect(replies.first?.hasPrefix("INVALID_REQUEST: unknown command no.such") == true)
    }

    @Test("the deadline answers for a command that does not") func deadline() async throws {
        let (box, clock, gate) = (Box(), HandClock(), OneShot())
        let registry = CommandRegistry([Self.stuck(ignoringCancellation: gate)])
        let invocation = Invocation(id: "1", command: "test.stuck", deadline: clock.now + .seconds(5), payloadLimit: 0)
        async let done: Void = registry.perform(invocation, timekeeper: clock, log: .silent) { box.deliver($0) }
        await clock.sleepers(1)
        clock.advance(by: .seconds(5))
        try await box.first.fired()
        #expect(box.texts == [Refusal.timedOut.wireMessage])
        gate.fire()
        await done
        #expect(box.texts.count == 1)
    }

    @Test("a cancellation answers, once, and reaches the work") func cancelled() async {
        let (box, cancel) = (Box(), OneShot())
        let registry = CommandRegistry([Self.stuck()])
        cancel.fire()
        let invocation = Invocation(id: "1", command: "test.stuck", payloadLimit: 0)
        await registry.perform(invocation, timekeeper: HandClock(), log: .silent, cancel: cancel) { box.deliver($0) }
        #expect(box.texts == [Refusal.cancelled.wireMessage])
    }
}
