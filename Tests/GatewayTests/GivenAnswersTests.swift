import LinuxIO
import NodeCore
import Testing

@testable import Gateway

/// What is kept for gateways that ask for the same again (goclaw-gateway §6.2, R17).
@Suite struct GivenAnswersTests {
    private static let start = ContinuousClock.now

    private func text(_ count: Int) -> Reply { Reply(outcome: .success(Array(repeating: 0x20, count: count))) }

    private func picture(_ count: Int) throws -> Reply {
        let file = try MemoryFile(name: "picture")
        try file.append(Array(repeating: 7, count: count))
        return Reply(outcome: .success("{}".bytes), blob: Blob(file: file, field: "base64"))
    }

    /// How many bytes are kept for `id`; nil where it was never answered, -1 where the answer was not kept.
    private func size(_ answers: inout GivenAnswers, _ id: String, after time: Duration = .zero) -> Int? {
        guard let reply = answers.answer(to: id, "c", at: Self.start + time) else { return nil }
        guard case .success(let json) = reply.outcome else { return -1 }
        return json.count + (reply.blob?.file.size ?? 0)
    }

    @Test("an answer is there for ten minutes") func lifetime() {
        var answers = GivenAnswers()
        #expect(size(&answers, "1") == nil)
        answers.keep(text(10), to: "1", "c", at: Self.start)
        answers.keep(text(20), to: "2", "c", at: Self.start + .seconds(300))
        #expect(size(&answers, "1", after: .seconds(599)) == 10)
        #expect(size(&answers, "1", after: .seconds(600)) == nil)
        #expect(size(&answers, "2", after: .seconds(899)) == 20)
        #expect(size(&answers, "2", after: .seconds(900)) == nil)
    }

    @Test("the same id for another command is something else") func otherCommand() {
        var answers = GivenAnswers()
        answers.keep(text(10), to: "1", "c", at: Self.start)
        #expect(answers.answer(to: "1", "d", at: Self.start) == nil)
    }

    @Test("a refusal is an answer too") func refusal() {
        var answers = GivenAnswers()
        answers.keep(.refused(Refusal("CAMERA_BUSY", "later")), to: "1", "c", at: Self.start)
        guard case .failure(let refusal)? = answers.answer(to: "1", "c", at: Self.start)?.outcome else {
            Issue.record("it is no refusal")
            return
        }
        #expect(refusal.code == "CAMERA_BUSY")
    }

    @Test("of a thousand and more the oldest are forgotten") func most() {
        var answers = GivenAnswers()
        for id in 0..<1025 { answers.keep(text(1), to: "\(id)", "c", at: Self.start) }
        #expect(size(&answers, "0") == nil)
        #expect(size(&answers, "1") == 1)
        #expect(size(&answers, "1024") == 1)
    }

    @Test("what is too large is not kept, and not said to be unknown either") func tooLarge() throws {
        var answers = GivenAnswers()
        answers.keep(text(5), to: "small", "c", at: Self.start)
        answers.keep(try picture(3 << 20), to: "large", "c", at: Self.start)
        #expect(size(&answers, "large") == -1)
        #expect(size(&answers, "small") == 5)
    }

    @Test("where there is no more room the oldest go first, and small files count as more than they hold")
    func room() throws {
        var answers = GivenAnswers()
        for id in 0..<17 { answers.keep(try picture(1), to: "\(id)", "c", at: Self.start) }
        #expect(size(&answers, "1") == -1)
        #expect(size(&answers, "2") == 3)
        answers.keep(text(2 << 20), to: "last", "c", at: Self.start)
        #expect(size(&answers, "16") == -1)
        #expect(size(&answers, "last") == 2 << 20)
        // Room that was given up is there again.
        answers.expire(at: Self.start + .seconds(600))
        answers.keep(text(2 << 20), to: "again", "c", at: Self.start + .seconds(600))
        #expect(size(&answers, "again", after: .seconds(600)) == 2 << 20)
    }
}
