import DBus
import Discovery
import LinuxIO
import NodeCore
import NodeRuntime

/// `clawnode discover`: gateways that say they are on this network.
enum Discover: Subcommand {
    static let name = "discover"
    static let summary = "look for gateways on this network"
    static let synopsis = "[--json]"
    static let example = "clawnode discover"
    static let options = [Option.json]
    static let details = [
        """
        Asks Avahi where it runs, and otherwise the local networks once by multicast, for what gateways announce; \
        connects to none of them. Whoever is on the network can announce anything: before joining, compare the \
        certificate's fingerprint with the gateway's own. A gateway that answers by its name only is shown with that name.
        """
    ]

    private struct Entry: Encodable {
        var name: String
        var host: String
        var port: UInt16
        var addresses: [String]
        var url: String?
        /// What it says of itself.
        var labels: [String: String]
    }

    private struct Answer: Encodable {
        var source: String
        var gateways: [Entry]
    }

    static func run(_ arguments: Arguments, _ program: Program) async throws -> ExitCode {
        let (source, gateways) = try await look(program)
        let entries = await withTaskGroup(of: (Int, Entry).self) { group in
            for (index, gateway) in gateways.enumerated() {
                group.addTask { (index, await entry(gateway, program.loop)) }
            }
            return await group.reduce(into: [(Int, Entry)]()) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
        }
        if arguments.has(Option.json.name) {
            try Output.answer(json: Answer(source: source, gateways: entries))
            return .success
        }
        // What is wrong with the configuration is no reason not to look.
        let configuration = try? program.configuration(arguments)
        let isMachines = configuration.map { program.surroundings.mayMeanSystems(insteadOf: $0.stateDirectory) } == true
        let owner = isMachines ? .machine : configuration?.owner ?? .user
        if entries.isEmpty {
            Output.talk(
                "No gateway answers on this network (asked by \(source)). One that is elsewhere, or does not announce "
                    + "itself, is joined by its address: \(owner.clawnode) join wss://GATEWAY:18789 --token-file FILE")
        } else {
            for line in table(entries, owner) { Output.answer(line) }
        }
        return .success
    }

    private static func look(_ program: Program) async throws -> (source: String, [FoundGateway]) {
        do {
            let address = try BusAddress.system(variables: program.surroundings.variables)
            return ("avahi", try await AvahiBrowser(address, on: program.loop).run())
        } catch is BusError {
            // No bus, no Avahi, or one that says no: then we ask by ourselves.
        }
        do { return ("multicast", try await MulticastQuery(on: program.loop).run()) } catch let error as Errno {
            throw Failure(.refused, "no network here can be asked: \(error); see: ip address")
        }
    }

    // MARK: What is shown

    private static func entry(_ gateway: FoundGateway, _ loop: EventLoop) async -> Entry {
        let target = await target(gateway, loop)
        return Entry(
            name: gateway.name, host: gateway.host, port: gateway.port, addresses: gateway.addresses,
            url: target.map { "wss://\($0):\(gateway.port)" }, labels: gateway.labels)
    }

    /// Its name where this machine finds it by that, else its first address; nil where neither leads there.
    private static func target(_ gateway: FoundGateway, _ loop: EventLoop) async -> String? {
        let usable = gateway.addresses.filter { !$0.contains("%") }
        if gateway.hasProperHost {
            let resolved = await loop.within(.seconds(1)) { () async -> [String] in
                // Debian finds names of the local network with libnss-mdns only.
                ((try? await SocketAddress.resolve(host: gateway.host, port: gateway.port)) ?? []).map(\.host)
            }
            // A name that leads elsewhere is another machine's.
            if let resolved, resolved.contains(where: { gateway.addresses.contains($0) }) { return gateway.host }
        }
        guard let first = usable.first else { return gateway.hasProperHost ? gateway.host : nil }
        return first.contains(":") ? "[\(first)]" : first
    }

    private static func table(_ entries: [Entry], _ owner: NodeOwner) -> [String] {
        let names = entries.map { String($0.name.inOneLine.prefix(40)) }
        let places = entries.map { "\($0.host.inOneLine.prefix(60)):\($0.port)" }
        let widths = (names.map(\.count).max() ?? 0, places.map(\.count).max() ?? 0)
        func padded(_ text: String, _ width: Int) -> String {
            text + String(repeating: " ", count: width - text.count + 2)
        }
        return zip(entries, zip(names, places)).map { entry, words in
            let line =
                entry.url.map { "\(owner.clawnode) join \($0.shellWord) --token-file FILE" }
                ?? "its name is none of a host, and it has no address to dial"
            return padded(words.0, widths.0) + padded(words.1, widths.1) + line
        }
    }
}
