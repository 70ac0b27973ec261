import NodeCore
import Testing

@testable import NodeDoctor

@Suite struct FindingTests {
    @Test("what an error says behind its first semicolon is what to do") func split() {
        let told = Finding("x", .error, told: "it is broken; mend it; then look", otherwise: "y")
        #expect(told.summary == "it is broken" && told.remedy == "mend it; then look")
        let far = Finding("x", .error, told: "it is broken; on the node's machine: mend it", otherwise: "y")
        #expect(far.remedy == "mend it")
        let bare = Finding("x", .error, told: "it is broken", otherwise: "y")
        #expect(bare.summary == "it is broken" && bare.remedy == "y")
    }

    @Test("foreign words stay in their line") func oneLine() {
        let finding = Finding.error("x", "a\n  do: b\u{1B}[2J", remedy: "c\r\nd")
        #expect(!(finding.summary + (finding.remedy ?? "")).contains { $0.isNewline || $0 == "\u{1B}" })
    }

    @Test("a condition keeps its words, and may be worse than it says") func condition() {
        let condition = Condition(id: "i", severity: .warning, summary: "s", remedy: "r")
        #expect(Finding("x", condition) == .warning("x", "s", remedy: "r"))
        #expect(Finding("x", condition, as: .error) == .error("x", "s", remedy: "r"))
    }
}
