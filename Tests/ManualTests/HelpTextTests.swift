import Testing

@testable import Manual

@Suite struct HelpTextTests {
    @Test("terms stand under each other, and so does what they mean, in as many lines as it takes") func terms() {
        let long = String(repeating: "word ", count: 30)
        let lines = HelpText.terms([("`--a` <FILE>", "first"), ("b", long)])
        #expect(lines[0] == "  --a FILE  first")
        #expect(lines[1].hasPrefix("  b         word"))
        #expect(lines.count == 3 && lines[2].hasPrefix("            word"))
        #expect(lines.allSatisfy { $0.count <= 100 })
    }

    @Test("a term that is too long has a line of its own") func longTerm() {
        let long = String(repeating: "x", count: 31)
        #expect(HelpText.terms([("a", "1"), (long, "2")]) == ["  a  1", "  " + long, "     2"])
    }

    @Test("a page's help is its synopsis, what it does, its options and its example") func page() {
        let page = ManualPage(
            "p", 1, "do",
            [
                .init("SYNOPSIS", [.text("`p` [<OPTIONS>]")]), .init("DESCRIPTION", [.text("Does."), .text("More.")]),
                .init("OPTIONS", [.terms([.init("`-x`", "cross")])]), .init("EXAMPLES", [.example("p -x")]),
            ])
        #expect(page.help == "usage: p [OPTIONS]\n\nDoes.\n\n  -x  cross\n\nexample: p -x")
    }
}
