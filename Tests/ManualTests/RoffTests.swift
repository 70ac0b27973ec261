import Testing

@testable import Manual

@Suite struct RoffTests {
    func lines(_ blocks: ManualPage.Block...) -> [String] { Roff.lines(blocks) }

    @Test("what roff would read as something else is shown as it is")
    func escapes() {
        #expect(lines(.text(#"a \n and 'b' ~ ^ … é"#)) == [#"a \(rsn and \(aqb\(aq \(ti \(ha ... \[u00E9]"#])
        #expect(lines(.text(".SH is no heading")) == [#"\&.SH is no heading"#])
        #expect(lines(.example(".TH\n'x'")) == [".RS 4", ".EX", #"\&.TH"#, #"\(aqx\(aq"#, ".EE", ".RE"])
        #expect(Roff.quoted(#"say "x""#) == #""say \(dqx\(dq""#)
    }

    @Test("a hyphen is a minus where it is typed, and only there") func hyphens() {
        #expect(lines(.text("one-shot `--no-wait` <TIME-MS>")) == [#"one-shot \fB\-\-no\-wait\fR \fITIME\-MS\fR"#])
    }

    @Test("a long text becomes lines of a roff source's width, none of which begins with a dot") func width() {
        let text = lines(.text(String(repeating: "word .x ", count: 60)))
        #expect(text.allSatisfy { $0.count <= 80 && !$0.hasPrefix(".") })
        #expect(text.joined(separator: " ").split(separator: " ").count == 120)
    }

    @Test("paragraphs are told apart, but not from the heading or the term before them") func paragraphs() {
        #expect(lines(.text("a"), .text("b")) == ["a", ".PP", "b"])
        #expect(lines(.heading("h"), .text("a")) == [".SS \"h\"", "a"])
        #expect(lines(.terms([.init("`t`", [.text("a"), .text("b")])])) == [".TP", "\\fBt\\fR", "a", ".IP", "b"])
    }
}
