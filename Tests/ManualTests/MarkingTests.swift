import Testing

@testable import Manual

@Suite struct MarkingTests {
    @Test(
        "marks are taken away where they are pairs around something, and stay otherwise",
        arguments: [
            ("`a` b", "a b"), ("<FILE>", "FILE"), ("a < b > c", "a < b > c"), ("<b>", "<b>"), ("it`s", "it`s"),
            ("", ""),
            ("`a``b`", "ab"), ("<A", "<A"), ("`<A>`", "<A>"),
        ])
    func text(marked: String, plain: String) {
        #expect(Marking(marked).text == plain)
    }

    @Test("each piece has its style") func styles() {
        let pieces = Marking("see `run` <URL>").pieces
        #expect(pieces.map(\.text) == ["see ", "run", " ", "URL"])
        #expect(pieces.map(\.style) == [.plain, .typed, .plain, .variable])
    }
}
