import CLinux
import Glibc

/// Something came to the machine's network that was not there before, as far as is known.
package enum NetworkNews: Equatable, Sendable, CustomStringConvertible {
    /// An interface has a carrier, and is switched on.
    case link(index: UInt32)
    case address(index: UInt32)
    case route(index: UInt32?)
    /// More than the kernel keeps for us.
    case much

    package var description: String {
        switch self {
        case .link(let index): "\(NetworkInterface.name(of: index)) is up"
        case .address(let index): "\(NetworkInterface.name(of: index)) has a new address"
        case .route(let index?): "there is a new route through \(NetworkInterface.name(of: index))"
        case .route(nil): "there is a new route"
        case .much: "much has changed in the network"
        }
    }
}

/// What is known of the network from the kernel's messages (rtnetlink(7)), so that news can be told from repetitions: routers
/// and leases renew addresses every few minutes, and each look around of a wireless card is told as a change of its link.
///
/// It begins with nothing, so the first repetition is taken for news.
struct NetworkView {
    private struct Address: Hashable {
        let index: UInt32
        let bytes: [UInt8]
    }

    private var running: Set<UInt32> = []
    private var addresses: Set<Address> = []

    /// Machines that make interfaces for a living have thousands; forgetting them costs a repetition that looks new.
    private static let limit = 4096

    /// Takes in what one read has given; the last of it that is news.
    mutating func take(_ bytes: ArraySlice<UInt8>) -> NetworkNews? {
        var news: NetworkNews?
        var rest = bytes
        while let length = rest.native(UInt32.self, at: 0), let type = rest.native(UInt16.self, at: 4),
            length >= 16, length <= rest.count
        {
            let payload = rest.dropFirst(16).prefix(Int(length) - 16)
            news = take(UInt32(type), payload) ?? news
            rest = rest.dropFirst(Int(length + 3) & ~3)
        }
        if running.count + addresses.count > Self.limit { self = NetworkView() }
        return news
    }

    private mutating func take(_ type: UInt32, _ payload: ArraySlice<UInt8>) -> NetworkNews? {
        switch type {
        case UInt32(RTM_NEWLINK): link(payload, isGone: false)
        case UInt32(RTM_DELLINK): link(payload, isGone: true)
        case UInt32(RTM_NEWADDR): address(payload, isGone: false)
        case UInt32(RTM_DELADDR): address(payload, isGone: true)
        case UInt32(RTM_NEWROUTE): route(payload)
        default: nil
        }
    }

    /// `struct ifinfomsg`
    private mutating func link(_ payload: ArraySlice<UInt8>, isGone: Bool) -> NetworkNews? {
        guard let index = payload.native(UInt32.self, at: 4), let flags = payload.native(UInt32.self, at: 8) else {
            return nil
        }
        let needed = UInt32(IFF_UP | IFF_RUNNING)
        guard !isGone, flags & needed == needed else {
            running.remove(index)
            return nil
        }
        return running.insert(index).inserted ? .link(index: index) : nil
    }

    /// `struct ifaddrmsg`
    private mutating func address(_ payload: ArraySlice<UInt8>, isGone: Bool) -> NetworkNews? {
        guard let flags = payload.native(UInt8.self, at: 2), let scope = payload.native(UInt8.self, at: 3),
            let index = payload.native(UInt32.self, at: 4)
        else { return nil }
        let attributes = Attributes(payload.dropFirst(8))
        let local = attributes[UInt16(IFA_LOCAL)] ?? attributes[UInt16(IFA_ADDRESS)]
        // An interface gives itself one of that scope, and no gateway is asked for from it alone.
        guard let local, scope != UInt8(RT_SCOPE_LINK.rawValue) else { return nil }
        let address = Address(index: index, bytes: Array(local))
        if isGone {
            addresses.remove(address)
            return nil
        }
        // Not usable, yet or ever: it is told again when it is.
        guard flags & UInt8(IFA_F_TENTATIVE | IFA_F_DADFAILED) == 0 else { return nil }
        return addresses.insert(address).inserted ? .address(index: index) : nil
    }

    /// `struct rtmsg`
    private func route(_ payload: ArraySlice<UInt8>) -> NetworkNews? {
        guard let table = payload.native(UInt8.self, at: 4), let type = payload.native(UInt8.self, at: 7),
            let flags = payload.native(UInt32.self, at: 8)
        else { return nil }
        // Those to the machine itself, and those that the kernel remembers of each peer, say nothing about the way out.
        guard type == UInt8(RTN_UNICAST), UInt32(table) != UInt32(RT_TABLE_LOCAL.rawValue),
            flags & UInt32(RTM_F_CLONED) == 0
        else { return nil }
        return .route(index: Attributes(payload.dropFirst(12))[UInt16(RTA_OIF.rawValue)]?.native(UInt32.self, at: 0))
    }

    /// `struct rtattr`, one after the other.
    private struct Attributes {
        private let bytes: ArraySlice<UInt8>

        init(_ bytes: ArraySlice<UInt8>) {
            self.bytes = bytes
        }

        subscript(type: UInt16) -> ArraySlice<UInt8>? {
            var rest = bytes
            while let length = rest.native(UInt16.self, at: 0), let here = rest.native(UInt16.self, at: 2),
                length >= 4, length <= rest.count
            {
                if here == type { return rest.dropFirst(4).prefix(Int(length) - 4) }
                rest = rest.dropFirst((Int(length) + 3) & ~3)
            }
            return nil
        }
    }
}

extension ArraySlice<UInt8> {
    /// In the machine's own order of bytes, as the kernel speaks; nil beyond the end.
    fileprivate func native<T: FixedWidthInteger>(_ type: T.Type, at offset: Int) -> T? {
        guard offset + MemoryLayout<T>.size <= count else { return nil }
        return withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: type) }
    }
}
