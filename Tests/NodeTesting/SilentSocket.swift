import Glibc
import LinuxIO

/// A socket that takes connections and never says a word.
package final class SilentSocket: Sendable {
    package let path: String
    private let descriptor: FileDescriptor

    package init(_ path: String) throws {
        self.path = path
        let raw = try call { socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0) }
        descriptor = FileDescriptor(adopting: raw)
        try withUnixAddress(path) { address, length throws(Errno) in try call { bind(raw, address, length) } }
        try call { listen(raw, 8) }
    }
}
