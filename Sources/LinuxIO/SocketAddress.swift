import CLinux
import Glibc

/// Why a host name has no address, in the resolver's words.
package struct ResolutionError: Error, Equatable, Sendable, CustomStringConvertible {
    package let host: String
    package let reason: String

    package var description: String { "\(host): \(reason)" }
}

/// An IPv4 or IPv6 address with its port.
package struct SocketAddress: Sendable, Equatable, CustomStringConvertible {
    private var bytes: [UInt8]

    init(_ address: UnsafePointer<sockaddr>, length: socklen_t) {
        bytes = [UInt8](UnsafeRawBufferPointer(start: address, count: Int(length)))
    }

    /// 127.0.0.1; port 0 lets the kernel choose when it is listened on.
    package static func loopback(port: UInt16) -> SocketAddress {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                SocketAddress($0, length: socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    /// The addresses of `host` in the resolver's order (RFC 6724). A literal needs no name service; anything else is asked
    /// for on a thread of its own, because `getaddrinfo` blocks for as long as it likes; a cancelled task does not wait for it.
    package static func resolve(host: String, port: UInt16) async throws(ResolutionError) -> [SocketAddress] {
        if let literal = literal(host, port: port) { return [literal] }
        return try await ask(host, port, AF_UNSPEC, flags: AI_ADDRCONFIG)
    }

    /// The addresses of one family only, of a name. Whether the machine has one of that family does not matter.
    package static func resolve(
        name: String, port: UInt16, _ family: Family
    ) async throws(ResolutionError) -> [SocketAddress] {
        try await ask(name, port, family.number, flags: 0)
    }

    /// The address that `host` writes out; nil for a name.
    package static func literal(_ host: String, port: UInt16) -> SocketAddress? {
        // Not a literal: then it is a name.
        try? lookUp(host, port, AF_UNSPEC, flags: AI_NUMERICHOST).get().first
    }

    package enum Family: CaseIterable, Sendable {
        case v6, v4

        fileprivate var number: CInt { self == .v6 ? AF_INET6 : AF_INET }
    }

    private static func ask(
        _ host: String, _ port: UInt16, _ family: CInt, flags: CInt
    ) async throws(ResolutionError) -> [SocketAddress] {
        let found = await onAbandonableThread("resolve") { lookUp(host, port, family, flags: flags) }
        guard let found else { throw ResolutionError(host: host, reason: "cancelled") }
        return try found.get()
    }

    private static func lookUp(
        _ host: String, _ port: UInt16, _ family: CInt, flags: CInt
    ) -> Result<[SocketAddress], ResolutionError> {
        var hints = addrinfo()
        hints.ai_family = family
        hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
        hints.ai_flags = flags
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, String(port), &hints, &list)
        guard status == 0 else {
            return .failure(ResolutionError(host: host, reason: String(cString: gai_strerror(status))))
        }
        defer { freeaddrinfo(list) }
        var found: [SocketAddress] = []
        var entry = list
        while let current = entry {
            if let address = current.pointee.ai_addr {
                found.append(SocketAddress(address, length: current.pointee.ai_addrlen))
            }
            entry = current.pointee.ai_next
        }
        return .success(found)
    }

    /// The address a socket call fills in; nil when it fails, as it does for a connection that is gone.
    static func filled(
        by body: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> CInt
    ) -> SocketAddress? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                body(address, &length) == 0 ? SocketAddress(address, length: length) : nil
            }
        }
    }

    func withPointer<R>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R {
        bytes.withUnsafeBytes { raw in
            // An address always holds at least its family, so there is a base address.
            body(raw.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t(raw.count))
        }
    }

    var family: CInt { withPointer { address, _ in CInt(address.pointee.sa_family) } }

    package var port: UInt16 {
        // The port stands at the same place in both families.
        UInt16(bytes[2]) << 8 | UInt16(bytes[3])
    }

    /// The address itself: 4 bytes or, unless it is an IPv4 address within IPv6, 16.
    package var hostBytes: ArraySlice<UInt8> {
        if family == AF_INET { return bytes[4..<8] }
        let host = bytes[8..<24]
        let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]
        return host.starts(with: mapped) ? host.suffix(4) : host
    }

    package var isLoopback: Bool {
        let host = hostBytes
        if host.count == 4 { return host.first == 127 }
        return host.elementsEqual([UInt8](repeating: 0, count: 15) + [1])
    }

    /// Whether no router of the internet would take a packet there: private, link-local, shared (RFC 6598) or unique local.
    package var isPrivate: Bool {
        let host = Array(hostBytes)
        switch (host.count, host[0], host[1]) {
        case (4, 10, _), (4, 172, 16...31), (4, 192, 168), (4, 169, 254), (4, 100, 64...127): return true
        case (16, 0xFC...0xFD, _), (16, 0xFE, 0x80...0xBF): return true
        default: return false
        }
    }

    /// The address this machine would have towards it, by its routes; nothing is sent. Throws what a connection would fail with.
    package func routedFrom() throws(Errno) -> SocketAddress {
        let descriptor = FileDescriptor(
            adopting: try call { socket(family, CInt(SOCK_DGRAM.rawValue) | O_CLOEXEC, 0) })
        let raw = descriptor.raw
        try call { withPointer { Glibc.connect(raw, $0, $1) } }
        guard let own = SocketAddress.filled(by: { getsockname(raw, $0, $1) }) else { throw .current }
        return own
    }

    /// Without the port, IPv6 without brackets.
    package var host: String {
        withPointer { address, length in
            withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(NI_MAXHOST)) { text -> String in
                guard let start = text.baseAddress,
                    getnameinfo(address, length, start, socklen_t(text.count), nil, 0, NI_NUMERICHOST) == 0
                else { return "?" }
                return String(cString: start)
            }
        }
    }

    package var description: String { family == AF_INET6 ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
