import CLinux
import Glibc

/// A UDP socket of one network interface: what is sent to a group leaves by that one.
package final class DatagramSocket: Sendable {
    package enum Family: Sendable, CaseIterable {
        case ipv4, ipv6
    }

    private let descriptor: FileDescriptor
    private let readiness: Readiness

    package init(_ family: Family, interface: UInt32, on loop: EventLoop) throws(Errno) {
        let type = CInt(SOCK_DGRAM.rawValue) | O_CLOEXEC | O_NONBLOCK
        let number = family == .ipv4 ? AF_INET : AF_INET6
        descriptor = FileDescriptor(adopting: try call { socket(number, type, 0) })
        let raw = descriptor.raw
        // What is on the link only has to say so by never having been forwarded (RFC 6762 §11).
        var hops: CInt = 255
        let length = socklen_t(MemoryLayout<CInt>.size)
        switch family {
        case .ipv4:
            var request = ip_mreqn()
            request.imr_ifindex = CInt(interface)
            try call {
                setsockopt(
                    raw, CInt(IPPROTO_IP), IP_MULTICAST_IF, &request, socklen_t(MemoryLayout<ip_mreqn>.size))
            }
            try call { setsockopt(raw, CInt(IPPROTO_IP), IP_MULTICAST_TTL, &hops, length) }
        case .ipv6:
            var index = CInt(interface)
            try call { setsockopt(raw, CInt(IPPROTO_IPV6), IPV6_MULTICAST_IF, &index, length) }
            try call { setsockopt(raw, CInt(IPPROTO_IPV6), IPV6_MULTICAST_HOPS, &hops, length) }
        }
        readiness = try Readiness(raw, on: loop)
    }

    deinit { readiness.cancel() }

    package func send(_ bytes: [UInt8], to address: SocketAddress) throws(Errno) {
        try call {
            address.withPointer { sendto(descriptor.raw, bytes, bytes.count, 0, $0, $1) }
        }
    }

    /// The next datagram; of one that is longer than `limit`, so much. Throws `Errno` or `CancellationError`.
    package func receive(limit: Int) async throws -> [UInt8] {
        while true {
            if let bytes = try take(limit) { return bytes }
            _ = try await readiness.wait(for: .read)
        }
    }

    private func take(_ limit: Int) throws(Errno) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: limit)
        guard let count = try call(unless: EAGAIN, { recv(descriptor.raw, &bytes, limit, 0) }) else { return nil }
        return Array(bytes[..<count])
    }
}
