import Gateway
import LinuxIO
import WebSocket

/// Which proxy leads to which gateway: the configured one, else the one that the environment names, unless it excepts the host.
///
/// Neither carries what is not encrypted, for it could read it; and what is on this machine is not looked for elsewhere.
package struct ProxyRules: Sendable {
    private let proxy: Proxy?
    private let exceptions: [Exception]

    static let none = ProxyRules()

    private init() {
        proxy = nil
        exceptions = []
    }

    /// Variables in lower case beat those in upper case, as everywhere.
    init(configured: Proxy?, _ surroundings: Surroundings) throws(ProxyVariableError) {
        func variable(_ name: String) -> (name: String, text: String)? {
            for name in [name, name.uppercased()] {
                if let text = surroundings.value(name) { return (name, text) }
            }
            return nil
        }
        if let configured {
            proxy = configured
            exceptions = []
            return
        }
        exceptions = (variable("no_proxy")?.text ?? "").split { $0 == "," || $0 == " " }.map(Exception.init)
        guard let named = variable("https_proxy") ?? variable("all_proxy") else {
            proxy = nil
            return
        }
        do throws(ProxyError) { proxy = try Proxy(named.text) } catch {
            throw ProxyVariableError(name: named.name, reason: error)
        }
    }

    func proxy(to endpoint: GatewayEndpoint) -> Proxy? {
        guard endpoint.isTLS, !endpoint.isLoopback, !exceptions.contains(where: { $0.covers(endpoint) }) else {
            return nil
        }
        return proxy
    }
}

/// A variable that names a proxy, but not in a way we understand.
struct ProxyVariableError: Error, Equatable, CustomStringConvertible {
    let name: String
    let reason: ProxyError

    var description: String { "\(name): \(reason)" }
}

/// One entry of `no_proxy`: a name and all below it, an address, or a network as `192.168.0.0/16`; with a port or without.
private struct Exception: Sendable {
    private let text: Substring

    init(_ text: Substring) {
        self.text = text
    }

    func covers(_ endpoint: GatewayEndpoint) -> Bool {
        if text == "*" { return true }
        if let network = text.firstIndex(of: "/"), let bits = Int(text[text.index(after: network)...]) {
            return contains(endpoint.address, String(text[..<network]), bits)
        }
        var name = text.lowercased()[...]
        let ports = name.hasPrefix("[") || name.filter { $0 == ":" }.count == 1 ? name.lastIndex(of: ":") : nil
        if let colon = ports, let port = UInt16(name[name.index(after: colon)...]) {
            guard port == endpoint.port else { return false }
            name = name[..<colon]
        }
        if name.hasPrefix("[") { name = name.dropFirst().prefix { $0 != "]" } }
        while name.hasPrefix(".") || name.hasPrefix("*") { name = name.dropFirst() }
        if let own = SocketAddress.literal(endpoint.address, port: 1) {
            return own == SocketAddress.literal(String(name), port: 1)
        }
        return !name.isEmpty && (endpoint.host == name || endpoint.host.hasSuffix("." + name))
    }

    private func contains(_ host: String, _ network: String, _ bits: Int) -> Bool {
        guard let own = SocketAddress.literal(host, port: 1), let base = SocketAddress.literal(network, port: 1) else {
            return false
        }
        let (a, b) = (Array(own.hostBytes), Array(base.hostBytes))
        guard a.count == b.count, (0...a.count * 8).contains(bits) else { return false }
        return (0..<bits).allSatisfy { bit in (a[bit / 8] ^ b[bit / 8]) & (0x80 >> UInt8(bit % 8)) == 0 }
    }
}
