import CLinux
import Glibc

/// The owner of one open descriptor: it is closed when its owner goes.
package struct FileDescriptor: ~Copyable, Sendable {
    package let raw: CInt

    package init(adopting raw: CInt) {
        self.raw = raw
    }

    /// Opens `path`; `O_CLOEXEC` is added, so no child inherits by accident.
    package init(opening path: String, flags: CInt, mode: mode_t = 0) throws(Errno) {
        raw = try call { cn_open(path, flags | O_CLOEXEC, mode) }
    }

    deinit {
        // Linux frees the number whatever close says, so there is nothing to retry or report.
        _ = close(raw)
    }

    /// Gives the descriptor away without closing it.
    package consuming func release() -> CInt {
        let raw = raw
        discard self
        return raw
    }

    package borrowing func duplicate() throws(Errno) -> FileDescriptor {
        let raw = raw
        return FileDescriptor(adopting: try call { cn_duplicate(raw, 3) })
    }

    package borrowing func read(into buffer: UnsafeMutableRawBufferPointer) throws(Errno) -> Int {
        let raw = raw
        return try call { Glibc.read(raw, buffer.baseAddress, buffer.count) }
    }

    package borrowing func write(_ bytes: UnsafeRawBufferPointer) throws(Errno) -> Int {
        let raw = raw
        return try call { Glibc.write(raw, bytes.baseAddress, bytes.count) }
    }

    /// Writes all of `bytes`, however many calls that takes.
    package borrowing func writeAll(_ bytes: UnsafeRawBufferPointer) throws(Errno) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = try write(UnsafeRawBufferPointer(rebasing: rest))
            rest = rest.dropFirst(written)
        }
    }
}
