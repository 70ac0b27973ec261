import LinuxIO

/// A line at a terminal that tells how something goes on, and makes room for what stays.
struct LiveLine {
    private let terminal: Terminal
    private var shown = ""

    init(on terminal: Terminal) {
        self.terminal = terminal
    }

    mutating func show(_ text: String) {
        // One that is broken into two cannot be drawn over.
        let line = String(text.prefix(max(0, terminal.size.columns - 1)))
        guard line != shown else { return }
        Output.ask("\r\u{1B}[K" + line)
        shown = line
    }

    mutating func clear() {
        guard !shown.isEmpty else { return }
        Output.ask("\r\u{1B}[K")
        shown = ""
    }
}
