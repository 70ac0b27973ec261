import CLinux
import Glibc

/// The terminal behind a descriptor.
package struct Terminal: Sendable {
    private let descriptor: CInt

    /// Nil when there is none, or one that knows no control sequences. `type` is the variable `TERM`.
    package init?(_ descriptor: CInt, type: String?) {
        guard isatty(descriptor) == 1, let type, type != "", type != "dumb" else { return nil }
        self.descriptor = descriptor
    }

    /// In characters; what was usual where it does not tell.
    package var size: (columns: Int, rows: Int) {
        var columns: UInt16 = 0
        var rows: UInt16 = 0
        guard cn_window_size(descriptor, &columns, &rows) == 0, columns > 0, rows > 0 else { return (80, 24) }
        return (Int(columns), Int(rows))
    }
}
