import NodeCore

/// A gateway that says of itself that it is there. Nothing here was checked: whoever is on the network can say it.
package struct FoundGateway: Equatable, Sendable {
    package var name: String
    /// The machine's name, as `gateway.local`.
    package var host: String
    package var port: UInt16
    /// In numbers, those first that are good from everywhere; one that is good on a link only ends with `%` and the link.
    package private(set) var addresses: [String] = []
    /// What else it says: to be shown, and never to be trusted, dialled or pinned (openclaw-gateway §8.3).
    package var labels: [String: String]

    /// What gateways register (openclaw-gateway §8.3).
    package static let service = "_openclaw-gw._tcp"

    /// The labels that gateways are known to have; what else is there is left out.
    private static let known: Set = [
        "role", "transport", "displayName", "lanHost", "gatewayPort", "gatewayTls", "gatewayTlsSha256", "canvasPort",
        "tailnetDns", "sshPort", "cliPath",
    ]

    package init(name: String, host: String, port: UInt16, addresses: [String], texts: [[UInt8]]) {
        self.name = name
        self.host = host
        self.port = port
        labels = [:]
        add(addresses)
        for text in texts {
            let parts = text.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, let key = String(validating: parts[0], as: UTF8.self), Self.known.contains(key),
                labels[key] == nil, let value = String(validating: parts[1], as: UTF8.self)
            else { continue }
            labels[key] = value
        }
    }

    /// One that is good on a link only (fe80::/10) has the link behind it.
    static func address(_ text: String, on interface: String) -> String {
        let start = UInt16(text.prefix { $0 != ":" }, radix: 16)
        return start.map { $0 & 0xFFC0 == 0xFE80 } == true ? text + "%" + interface : text
    }

    mutating func add(_ more: [String]) {
        for address in more where !addresses.contains(address) {
            let place = addresses.firstIndex { Self.rank($0) > Self.rank(address) } ?? addresses.endIndex
            addresses.insert(address, at: place)
        }
    }

    private static func rank(_ address: String) -> Int {
        let isOfMachine = address.hasPrefix("127.") || address == "::1"
        if isOfMachine || address.contains("%") || address.hasPrefix("169.254.") { return 2 }
        return address.contains(":") ? 1 : 0
    }

    /// Whether `host` can be a host's name. Another one would be a shell's, in the line that is to be copied.
    package var hasProperHost: Bool {
        let isOfLetters = host.utf8.allSatisfy { $0.isASCIIAlphanumeric || "-._".utf8.contains($0) }
        return isOfLetters && (1...253).contains(host.utf8.count) && host.first != "-" && host.first != "."
    }
}
