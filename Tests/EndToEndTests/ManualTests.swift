import LinuxIO
import Testing

/// The pages as the package gets them, judged by those who will show them.
@Suite struct ManualTests {
    static let pages = [
        ("clawnode", ["manual", "clawnode.1"], "clawnode.1"),
        ("clawnode", ["manual", "clawnode.json.5"], "clawnode.json.5"),
        ("clawnode-media", ["--manual"], "clawnode-media.8"), ("clawnode-demo", ["--manual"], "clawnode-demo.1"),
    ]

    @Test("man and mandoc have nothing to say against a page", arguments: pages)
    func clean(program: String, words: [String], file: String) async throws {
        try await Prompt.run { prompt in
            let folder = String(Stage.program.dropLast("clawnode".count))
            let variables = ["SOURCE_DATE_EPOCH": "1790000000", "LC_ALL": "C.UTF-8", "MANWIDTH": "80"]
            let page = try await prompt.run(folder + program, words, variables: variables)
            #expect(page.code == 0 && page.talk.isEmpty)
            #expect(page.answer.contains(" 2026-09-21 "), "the day is the source's")
            let path = try prompt.write(page.answer, to: file)

            // Who has set no locale reads ASCII.
            for encoding in ["UTF-8", "ascii"] {
                let man = try await prompt.run(
                    "/usr/bin/env", ["man", "--warnings", "-E", encoding, "-l", path], variables: variables)
                #expect(man.code == 0 && man.talk.isEmpty, "\(man.talk)")
                #expect(man.answer.contains("NAME") && man.answer.contains(program))
                // No mark is left, and nothing hangs over.
                #expect(!man.answer.contains("`") && !man.answer.contains("\\f"))
            }

            let lint = try await prompt.run("/usr/bin/env", ["mandoc", "-T", "lint", path], variables: variables)
            #expect(lint.code == 0 && lint.answer.isEmpty, "\(lint.answer)")
        }
    }

    @Test("a page that is not there ends with 64 and those that are") func missing() async throws {
        try await Prompt.run { prompt in
            let end = try await prompt.clawnode("manual", "clawnode.2")
            #expect(end.code == 64 && end.talk.contains("clawnode.json.5"))
        }
    }
}
