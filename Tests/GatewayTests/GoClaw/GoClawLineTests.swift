import LinuxIO
import NodeCore
import Testing

@testable import Gateway

@Suite struct GoClawLineTests {
    @Test("of the names that a gateway invents for this node only the last one counts, beside its own") func names() {
        let line = GoClawLine(names: ["desk", "d-1"], now: .now)
        for number in 1...1_000 { line.registered(as: "n-\(number)") }
        for name in [nil, "desk", "d-1", "n-1000"] { #expect(line.isOurs(name)) }
        for name in ["n-1", "n-999", "other", ""] { #expect(!line.isOurs(name)) }
    }
}
