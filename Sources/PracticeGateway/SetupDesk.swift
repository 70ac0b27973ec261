import LinuxIO
import NodeCrypto
import WebSocket

/// What an operator hands out so that a machine can join.
extension PracticeGateway {
    /// What a setup code of this release stands for. `urls`: instead of the gateway's own address, the first being preferred.
    package func setupPayload(urls: [String] = []) -> JSONValue {
        let urls = urls.isEmpty ? [url] : urls
        guard options.release != .january else {
            switch authentication {
            case .token(let token): return ["url": .string(urls[0]), "token": .string(token)]
            case .password(let password): return ["url": .string(urls[0]), "password": .string(password)]
            case .open: return ["url": .string(urls[0]), "token": ""]
            }
        }
        let isNewest = options.release == .newest
        return .members([
            "url": .string(urls[0]), "urls": isNewest && urls.count > 1 ? .strings(urls) : nil,
            "bootstrapToken": .string(issueSetupToken()),
            "expiresAtMs": isNewest
                ? .number(Double(WallClock.milliseconds + SetupCodes.timeToLive.milliseconds)) : nil,
            "tlsFingerprint": isNewest ? options.certificate.map { .string("SHA256:" + $0.fingerprint) } : nil,
        ])
    }

    /// As it is shown below a QR code.
    package func issueSetupCode(urls: [String] = []) -> String { Base64Text.urlText(setupPayload(urls: urls).bytes) }

    /// Good for one fetch. `context`: the path that a proxy before the gateway would take away.
    package func issueJoinLink(urls: [String] = [], context: String = "") -> String {
        let code = Base64Text.urlText(SecureRandom.bytes(16))
        setupCodes.offer(setupPayload(urls: urls), behind: code, now: loop.now)
        return "http" + url.dropFirst("ws".count) + context + "/j/" + code
    }

    /// As if ten minutes had passed since each of them was handed out.
    package func expireSetupCodes() {
        setupCodes.expire()
    }

    /// What a GET of a path other than the WebSocket's gets; nil where this release has nothing to say.
    func page(_ path: String) -> HTTPPage? {
        if path.hasSuffix("/health") {
            events.emit(.healthAsked)
            return HTTPPage(status: 200, json: #"{"ok":true,"status":"live"}"#)
        }
        guard options.release == .newest, path.hasSuffix("/j") || path.contains("/j/") else { return nil }
        guard let payload = setupCodes.redeem(path: path, now: loop.now) else {
            return HTTPPage(status: 404, json: #"{"error":"not_found"}"#)
        }
        return HTTPPage(status: 200, json: payload.text)
    }
}
