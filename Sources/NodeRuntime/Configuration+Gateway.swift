import Gateway
import Glibc
import LinuxIO
import NodeCore
import NodeCrypto
import WebSocket

/// The keys that say where the gateway is, how to get there, whom to believe there and what to be let in with.
extension Configuration {
    /// `gateway` is one URL; `host`, `port`, `tls` and `contextPath` are the same in pieces, with the official node host's
    /// defaults (openclaw-gateway §9.3). The stronger source counts.
    static func gateway(
        _ section: inout ConfigurationSection, isPinned: Bool, _ plaintext: Plaintext
    ) throws(ConfigurationError) -> GatewayEndpoint? {
        let url = try section.string(
            "gateway", "The gateway's URL, ws:// or wss://; it beats the one that `clawnode join` has stored.")
        let host = try section.string("host", "The gateway's host, for who names it in pieces and not by its URL.")
        let port = try section.integer(
            "port", in: 1...65_535, "The gateway's port, \(GatewayEndpoint.usualPort) when nothing is said.")
        let isTLS = try section.bool(
            "tls", "Whether it is spoken to over TLS; when nothing is said, only where a fingerprint is given.")
        let path = try section.string("contextPath", "The path of the gateway's URL.")
        let pieces = ["host": host != nil, "port": port != nil, "tls": isTLS != nil, "contextPath": path != nil]
        let strongest = pieces.filter(\.value).keys.sorted()
            .max { rank(section.origin(of: $0)) < rank(section.origin(of: $1)) }
        if let url, rank(section.origin(of: "gateway")) >= rank(strongest.flatMap { section.origin(of: $0) }) {
            do throws(EndpointError) { return try GatewayEndpoint(url, plaintext: plaintext) } catch {
                throw section.error("gateway", error.description)
            }
        }
        guard let strongest else { return nil }
        if url != nil, host == nil {
            throw section.error(strongest, "goes with \"host\"; \"gateway\" is a whole URL and is set already")
        }
        do throws(EndpointError) {
            return try GatewayEndpoint(
                isTLS: isTLS ?? isPinned, host: host ?? "127.0.0.1",
                port: port.map { UInt16($0) } ?? GatewayEndpoint.usualPort, path: path ?? "/",
                plaintext: plaintext)
        } catch { throw section.error(host == nil ? strongest : "host", error.description) }
    }

    static func alternatives(
        _ section: inout ConfigurationSection, _ plaintext: Plaintext
    ) throws(ConfigurationError) -> [GatewayEndpoint] {
        let texts = try section.strings(
            "gatewayAlternatives",
            "Further URLs of the same gateway, in order of preference, each tried when those before it do not answer.")
        var endpoints: [GatewayEndpoint] = []
        for text in texts ?? [] {
            do throws(EndpointError) { endpoints.append(try GatewayEndpoint(text, plaintext: plaintext)) } catch {
                throw section.error("gatewayAlternatives", error.description)
            }
        }
        return endpoints
    }

    static func proxies(
        _ section: inout ConfigurationSection, _ surroundings: Surroundings, isNeeded: Bool
    ) throws(ConfigurationError) -> ProxyRules {
        let text = try section.string(
            "proxy",
            "The proxy on the way to a gateway, `http://HOST:PORT` or `socks5h://HOST:PORT`; what `https_proxy` or "
                + "`all_proxy` names when nothing is said, with a user and a password where it wants them.")
        var configured: Proxy?
        if let text {
            do throws(ProxyError) { configured = try Proxy(text) } catch { throw section.error("proxy", "\(error)") }
            if configured?.credentials != nil {
                throw section.error("proxy", "a password stands in the environment, in https_proxy, not in this file")
            }
        }
        do throws(ProxyVariableError) { return try ProxyRules(configured: configured, surroundings) } catch {
            if isNeeded { throw section.error("proxy", "\(error)") }
            return ProxyRules.none
        }
    }

    static func edge(
        _ surroundings: Surroundings, isNeeded: Bool
    ) throws(ConfigurationError) -> EdgeAccess? {
        switch (surroundings.value("CF_ACCESS_CLIENT_ID"), surroundings.value("CF_ACCESS_CLIENT_SECRET")) {
        case (let id?, let secret?): return EdgeAccess(clientID: id, clientSecret: secret)
        case (nil, nil): return nil
        default:
            guard isNeeded else { return nil }
            throw ConfigurationError(
                nil, key: "CF_ACCESS_CLIENT_ID", "goes with CF_ACCESS_CLIENT_SECRET; only one of them is set")
        }
    }

    private static func rank(_ origin: ConfigurationValue.Origin?) -> Int {
        switch origin {
        case .option?: 3
        case .environment?: 2
        case .file?: 1
        case nil: 0
        }
    }

    static func pins(_ section: inout ConfigurationSection) throws(ConfigurationError) -> [CertificatePin] {
        var pins: [CertificatePin] = []
        let texts = try section.strings(
            "tlsFingerprints",
            "Only these certificates of gateways are trusted, whoever signed them: SHA-256 in hexadecimal, or "
                + "`sha256//BASE64` of the public key.")
        for text in texts ?? [] {
            do throws(PinError) { pins.append(try CertificatePin(text)) } catch {
                throw section.error("tlsFingerprints", "\(error)")
            }
        }
        return pins
    }

    /// A file named by an option, else the environment's own value, else a file named elsewhere, else systemd's credential.
    static func secret(
        _ section: inout ConfigurationSection, _ surroundings: Surroundings, isNeeded: Bool
    ) throws(ConfigurationError) -> SharedSecret {
        let token = try section.string(
            "tokenFile", "The file with the gateway's shared token, in its first line; needed for pairing only.")
        let password = try section.string("passwordFile", "The file with the gateway's password.")
        guard isNeeded else { return SharedSecret() }
        return SharedSecret(
            token: try secret(
                section, "tokenFile", token, surroundings.value("OPENCLAW_GATEWAY_TOKEN"), surroundings.credential),
            password: try secret(
                section, "passwordFile", password, surroundings.value("OPENCLAW_GATEWAY_PASSWORD"), nil))
    }

    private static func secret(
        _ section: ConfigurationSection, _ key: String, _ path: String?, _ variable: String?, _ credential: String?
    ) throws(ConfigurationError) -> String? {
        let isOption = rank(section.origin(of: key)) == 3
        if let variable, !isOption { return variable }
        guard let path = path ?? credential else { return nil }
        return try secret(in: path, section, key)
    }

    static func nodeKey(
        _ section: inout ConfigurationSection, isNeeded: Bool
    ) throws(ConfigurationError) -> GoClawNodeKey? {
        let key = "goclawNodeKeyFile"
        let path = try section.string(
            key, "The file with this node's key at a GoClaw gateway with compute nodes, in its first line.")
        guard let path, isNeeded else { return nil }
        guard let nodeKey = GoClawNodeKey(try secret(in: path, section, key)) else {
            throw section.error(key, "\(path) holds no key; one is gnk_ and 64 hexadecimal digits")
        }
        return nodeKey
    }

    private static func secret(
        in path: String, _ section: ConfigurationSection, _ key: String
    ) throws(ConfigurationError) -> String {
        let bytes: [UInt8]
        do throws(Errno) { bytes = try StateFile.read(path, limit: 64 * 1024) } catch {
            throw section.error(key, "\(path) cannot be read: \(error)")
        }
        guard let text = firstLine(bytes) else { throw section.error(key, "\(path) is empty") }
        return text
    }

    /// Looks into every file that is named, whether it is needed now or not: a secret's may wait behind a variable, and the
    /// daemon reads certificates only when it connects. What systemd provides at run time is not named.
    package static func checkFiles(namedIn sources: ConfigurationSources) throws(ConfigurationError) {
        var section = try ConfigurationSection(sources.value)
        for key in ["tokenFile", "passwordFile", "goclawNodeKeyFile"] {
            if let path = try section.string(key) { _ = try secret(in: path, section, key) }
        }
        guard let path = try section.string("caFile") else { return }
        do throws(TLSError) { _ = try TLSClientContext(trust: .systemAnd(caFile: path)) } catch {
            throw section.error("caFile", error.description)
        }
    }

    /// Secrets are written with editors, and editors end lines.
    private static func firstLine(_ bytes: [UInt8]) -> String? {
        let text = String(decoding: bytes, as: UTF8.self).drop(while: \.isWhitespace).prefix { !$0.isNewline }
        let end = text.lastIndex { !$0.isWhitespace }
        return end.map { String(text[...$0]) }
    }
}

extension Surroundings {
    /// Where systemd's `LoadCredential=gateway-token` puts it, when it does.
    fileprivate var credential: String? {
        guard let path = value("CREDENTIALS_DIRECTORY").map({ $0 + "/gateway-token" }) else { return nil }
        return access(path, F_OK) == 0 ? path : nil
    }
}
