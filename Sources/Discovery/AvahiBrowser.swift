import DBus
import LinuxIO
import Synchronization

/// Asks Avahi, which has been listening to the local network all the time (its D-Bus interface, org.freedesktop.Avahi.Server).
package struct AvahiBrowser: Sendable {
    private static let avahi = "org.freedesktop.Avahi"
    private static let server = "org.freedesktop.Avahi.Server"
    private static let browser = "org.freedesktop.Avahi.ServiceBrowser"
    /// All interfaces, all protocols, no flags.
    private static let any = BusValue.int32(-1)
    private static let noFlags = BusValue.uint32(0)
    /// What it knows it tells at once; what it has to ask for is answered within a second, or the machine has gone.
    private static let patience = Duration.seconds(5)
    private static let maxItems = 256

    private let address: BusAddress
    private let loop: EventLoop

    package init(_ address: BusAddress, on loop: EventLoop) {
        self.address = address
        self.loop = loop
    }

    /// One of the services that it tells of; on each interface and for each protocol it is another.
    private struct Item: Hashable, Sendable {
        var interface: Int32
        var `protocol`: Int32
        var name: String
        var type: String
        var domain: String

        /// The body of `ItemNew`.
        init?(_ body: [BusValue]) {
            guard body.count >= 5, case .int32(let interface) = body[0], case .int32(let `protocol`) = body[1],
                let name = body[2].text, let type = body[3].text, let domain = body[4].text
            else { return nil }
            self.interface = interface
            self.protocol = `protocol`
            self.name = name
            self.type = type
            self.domain = domain
        }
    }

    private final class Shelf: Sendable {
        let items = Mutex<Set<Item>>([])
    }

    /// Throws `BusError`: with it there is no Avahi here that answers.
    package func run() async throws -> [FoundGateway] {
        try await Bus.with(address, on: loop) { bus in
            // Without this, asking would be a reason to start it.
            let isThere = try await bus.call(
                Bus.name, "/org/freedesktop/DBus", Bus.name, "NameHasOwner", [.string(Self.avahi)])
            guard isThere.first?.flag == true else {
                throw BusError.refused(
                    name: "org.freedesktop.DBus.Error.NameHasNoOwner", message: "Avahi does not run here")
            }
            let items = try await items(bus)
            let found = await withTaskGroup(of: FoundGateway?.self) { group in
                for item in items { group.addTask { await resolve(item, bus) } }
                return await group.reduce(into: [FoundGateway]()) { if let gateway = $1 { $0.append(gateway) } }
            }
            return Self.merged(found)
        }
    }

    private func items(_ bus: Bus) async throws -> Set<Item> {
        // Before the browser is there: it begins to tell at once.
        let signals = try await bus.signals(SignalRule(sender: Self.avahi, interface: Self.browser))
        let made = try await bus.call(
            Self.avahi, "/", Self.server, "ServiceBrowserNew",
            [Self.any, Self.any, .string(FoundGateway.service), .string(""), Self.noFlags])
        guard case .objectPath(let path)? = made.first else { throw BusError.malformed("Avahi's browser") }
        let shelf = Shelf()
        // What has not been told by then is not there.
        _ = await loop.within(Self.patience) {
            for await signal in signals where signal.path == path {
                switch signal.member {
                case "ItemNew":
                    guard let item = Item(signal.body) else { continue }
                    shelf.items.withLock { if $0.count < Self.maxItems { $0.insert(item) } }
                case "AllForNow", "Failure": return
                default: continue
                }
            }
        }
        return shelf.items.withLock { $0 }
    }

    /// Nil for one that has gone, or does not answer.
    private func resolve(_ item: Item, _ bus: Bus) async -> FoundGateway? {
        let arguments: [BusValue] = [
            .int32(item.interface), .int32(item.protocol), .string(item.name), .string(item.type),
            .string(item.domain), Self.any, Self.noFlags,
        ]
        guard
            let answer = try? await bus.call(
                Self.avahi, "/", Self.server, "ResolveService", arguments, within: Self.patience),
            answer.count >= 10, let host = answer[5].text, let address = answer[7].text,
            case .uint16(let port) = answer[8], port != 0
        else { return nil }
        let interface = NetworkInterface.name(of: UInt32(bitPattern: item.interface))
        return FoundGateway(
            name: item.name, host: host, port: port, addresses: [FoundGateway.address(address, on: interface)],
            texts: answer[9].elements?.compactMap(\.bytes) ?? [])
    }

    /// One gateway for all of its ways.
    private static func merged(_ found: [FoundGateway]) -> [FoundGateway] {
        var gateways: [FoundGateway] = []
        for one in found.sorted(by: { ($0.name, $0.host, $0.port) < ($1.name, $1.host, $1.port) }) {
            guard let last = gateways.last, (last.name, last.host, last.port) == (one.name, one.host, one.port) else {
                gateways.append(one)
                continue
            }
            gateways[gateways.count - 1].add(one.addresses)
        }
        return gateways
    }
}
