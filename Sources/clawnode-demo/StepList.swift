import Synchronization

/// The steps so far; each is shown as it is added.
final class StepList: Sendable {
    private let steps = Mutex<[Step]>([])

    var all: [Step] { steps.withLock { $0 } }

    func add(
        _ title: String, _ duration: Duration, operatorLine: String? = nil, reply: String? = nil,
        media: Media? = nil, succeeded: Bool = true, isLacking: Bool = false
    ) {
        let step = Step(
            title: title, duration: duration, operatorLine: operatorLine, reply: reply, media: media,
            succeeded: succeeded)
        steps.withLock { $0.append(step) }
        Screen.say(step.line + (media.map { "  (\($0.bytes.count / 1024) KiB)" } ?? ""))
        if !succeeded || isLacking, let reply { Screen.say("               \(reply)") }
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
