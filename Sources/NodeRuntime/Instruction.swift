import NodeCore

/// A remedy as people are shown it: where it is to be typed, and what, at the end of the line so that it can be copied.
package enum Instruction {
    /// Both gateways' own programs are where they run, and seldom here.
    private static let operators = ["openclaw ", "goclaw "]

    package static func text(_ remedy: String) -> String {
        (operators.contains(where: remedy.hasPrefix) ? "do, where the gateway runs: " : "do: ") + remedy.inOneLine
    }
}
