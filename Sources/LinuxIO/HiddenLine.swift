import Glibc

/// A line from whoever sits at a terminal, which does not show it.
package enum HiddenLine {
    /// Nil when it is given up, with ^C or ^D. Blocks. A terminal's own lines would end at 4096 bytes. `ask` is called once what is
    /// typed is not shown any more; what was typed before is forgotten.
    package static func read(
        from descriptor: CInt, limit: Int = 16 << 10, ask: () -> Void
    ) throws(Errno) -> [UInt8]? {
        var usual = termios()
        try call { tcgetattr(descriptor, &usual) }
        var hidden = usual
        // An interrupt would leave the terminal as it is meanwhile.
        hidden.c_lflag &= ~tcflag_t(ECHO | ICANON | ISIG)
        try call { tcsetattr(descriptor, TCSAFLUSH, &hidden) }
        // Whoever called us needs it back, and cannot do better than try.
        defer { _ = tcsetattr(descriptor, TCSADRAIN, &usual) }
        ask()

        var line: [UInt8] = []
        var byte: UInt8 = 0
        while line.count < limit {
            guard try call({ Glibc.read(descriptor, &byte, 1) }) == 1 else { return nil }
            switch byte {
            case UInt8(ascii: "\n"), UInt8(ascii: "\r"): return line
            case 0x03: return nil
            case 0x04: return line.isEmpty ? nil : line
            case 0x08, 0x7F: _ = line.popLast()
            case 0x15: line = []
            default: line.append(byte)
            }
        }
        return line
    }
}
