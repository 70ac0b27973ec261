/// What one of the kernel's virtual consoles shows, as text.
package struct ConsoleText: Encodable, Equatable, Sendable {
    /// 1 for tty1.
    package let console: Int
    package let rows: Int
    package let columns: Int
    /// Both from 0.
    package let cursorRow: Int
    package let cursorColumn: Int
    /// One for each row, without the blanks at its end.
    package let lines: [String]

    package init(console: Int, rows: Int, columns: Int, cursorRow: Int, cursorColumn: Int, lines: [String]) {
        self.console = console
        self.rows = rows
        self.columns = columns
        self.cursorRow = cursorRow
        self.cursorColumn = cursorColumn
        self.lines = lines
    }
}

/// The text of this machine's consoles.
package protocol TextConsoles: Sendable {
    /// Of the one with that number, or in front.
    func text(of console: Int?) async throws(ConsoleError) -> ConsoleText
}
