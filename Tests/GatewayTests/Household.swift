import NodeCore
import PracticeGateway

/// Commands that do what a test wants, and tell when they are asked.
final class Household: Sendable {
    struct Call: Sendable {
        let command: String
        let id: String
        let params: String?
        let payloadLimit: Int
        /// The test answers through this.
        fileprivate let answer: EventFeed<Reply>

        func answer(_ reply: Reply) { answer.emit(reply) }
        func answer(_ json: String) { answer(Reply(outcome: .success(json.bytes))) }
    }

    let calls = EventFeed<Call>()
    /// The ids of calls that were cancelled.
    let cancelled = EventFeed<String>()

    /// `device.info` answers at once; `camera.snap` when the test says so, or when it is cancelled; `hang` only when the test
    /// says so, whatever is cancelled.
    var registry: CommandRegistry {
        CommandRegistry([
            Handler(name: "device.info") { _, _ in Reply(outcome: .success(#"{"name":"pi"}"#.bytes)) },
            Handler(name: "camera.snap") { [self] invocation, _ in await wait(invocation) },
            Handler(name: "hang") { [self] invocation, _ in
                // Not a child of the caller's, so that no cancellation reaches it, as none reaches a driver in the kernel.
                await Task.detached { [self] in await wait(invocation) }.value
            },
        ])
    }

    private func wait(_ invocation: Invocation) async -> Reply {
        let answers = EventFeed<Reply>()
        calls.emit(
            Call(
                command: invocation.command.text, id: invocation.id,
                params: invocation.params.map { String(decoding: $0, as: UTF8.self) },
                payloadLimit: invocation.payloadLimit, answer: answers))
        var reader = answers.reader()
        do { return try await reader.next() } catch {
            cancelled.emit(invocation.id)
            return .refused(.cancelled)
        }
    }
}
