import Glibc

/// The address of a local socket: a path, or with an @ in front a name in the abstract namespace (unix(7)). Throws
/// `ENAMETOOLONG` for what has no room in one.
@discardableResult
package func withUnixAddress<R>(
    _ name: String, _ body: (UnsafePointer<sockaddr>, socklen_t) throws(Errno) -> R
) throws(Errno) -> R {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    var bytes = [UInt8](name.utf8)
    guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { throw Errno(ENAMETOOLONG) }
    if bytes.first == UInt8(ascii: "@") { bytes[0] = 0 }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    let length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count)
    return try withUnsafePointer(to: &address) { pointer throws(Errno) in
        try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address throws(Errno) in
            try body(address, length)
        }
    }
}
