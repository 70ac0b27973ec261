import CLinux
import Glibc

/// A network interface that is up.
package struct NetworkInterface: Hashable, Sendable {
    package let index: UInt32
    package let name: String

    /// One that has gone has its number for a name.
    package static func name(of index: UInt32) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(IF_NAMESIZE)) { name in
            guard let start = name.baseAddress, if_indextoname(index, start) != nil else { return "interface \(index)" }
            return String(cString: start)
        }
    }

    /// Those over which groups can be spoken to, by the families that they have addresses of; loopback is none of them.
    package static func multicast() throws(Errno) -> [(interface: NetworkInterface, family: DatagramSocket.Family)] {
        var list: UnsafeMutablePointer<ifaddrs>?
        try call { getifaddrs(&list) }
        defer { freeifaddrs(list) }
        var found: [(interface: NetworkInterface, family: DatagramSocket.Family)] = []
        var entry = list
        while let current = entry?.pointee {
            entry = current.ifa_next
            let flags = current.ifa_flags
            guard flags & UInt32(IFF_UP) != 0, flags & UInt32(IFF_MULTICAST) != 0, flags & UInt32(IFF_LOOPBACK) == 0,
                let name = current.ifa_name, let address = current.ifa_addr
            else { continue }
            let family: DatagramSocket.Family
            switch CInt(address.pointee.sa_family) {
            case AF_INET: family = .ipv4
            case AF_INET6: family = .ipv6
            default: continue
            }
            let interface = NetworkInterface(index: if_nametoindex(name), name: String(cString: name))
            if interface.index != 0, !found.contains(where: { $0 == (interface, family) }) {
                found.append((interface, family))
            }
        }
        return found
    }
}
