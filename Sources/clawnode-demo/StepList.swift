import Synchronization

/// The steps so far; each is shown as it is added.
final class StepList: Sendable {
    private let steps = Mutex<[Step]>([])

    var all: [Step] { steps.withLock { $0 } }

    func add(
        _ title: String, _ duration: Duration, operatorLine: String? = nil, reply: String? = nil,
        picture: [UInt8]? = nil, succeeded: Bool = true
    ) {
        let step = Step(
            title: title, duration: duration, operatorLine: operatorLine, reply: reply, picture: picture,
            succeeded: succeeded)
        steps.withLock { $0.append(step) }
        Screen.say(step.line + (picture.map { "  (\($0.count / 1024) KiB)" } ?? ""))
        if !succeeded, let reply { Screen.say("               \(reply)") }
        if let operatorLine { Screen.say("               operator: \(operatorLine)") }
    }

    /// Does and times one thing; `body` gives its result and a remark.
    func run<R: Sendable>(_ title: String, _ body: () async throws -> (R, String?)) async throws -> R {
        let began = ContinuousClock.now
        let (result, remark) = try await body()
        add(title, ContinuousClock.now - began, reply: remark)
        if let remark { Screen.say("               \(remark)") }
        return result
    }
}
