import Glibc
import LinuxIO

/// A port of 127.0.0.1 at which nobody listens: it is bound for as long as this lives, so that no other test gets it.
///
/// Whoever knows of it may listen there all the same, and stop, and listen again: both sockets allow for the other.
package final class HeldPort: Sendable {
    package let number: UInt16
    private let descriptor: FileDescriptor

    package init() throws {
        descriptor = FileDescriptor(adopting: try call { socket(AF_INET, CInt(SOCK_STREAM.rawValue) | O_CLOEXEC, 0) })
        let raw = descriptor.raw
        var one: CInt = 1
        try call { setsockopt(raw, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<CInt>.size)) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let outcome = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { name in
                bind(raw, name, length) == 0 ? getsockname(raw, name, &length) : -1
            }
        }
        if outcome != 0 { throw Errno.current }
        number = UInt16(bigEndian: address.sin_port)
    }
}
