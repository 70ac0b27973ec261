import LinuxIO
import NodeCore
import Testing
import WebSocket

@testable import Gateway

@Suite struct LinkConditionTests {
    static let words = LinkCondition(gateway: Samples.gateway, deviceID: Samples.deviceID)

    static func condition(
        _ cause: Disconnect.Cause, retry: Disconnect.Retry = .backoff, trouble: Reaction.Trouble? = nil
    ) -> Condition {
        words.condition(for: Disconnect(cause, retry: retry), trouble: trouble)
    }

    @Test("an approval that is missing comes with the line to run, its real id in it")
    func approval() {
        let details = GatewayRefusal.Details(requestId: "7d0e-41:x.y_z")
        let refusal = GatewayRefusal(code: "NOT_PAIRED", message: "pairing required", details: details)
        let condition = Self.condition(.refused(refusal), retry: .approval)
        #expect(condition.id == "device-approval")
        #expect(condition.remedy == "openclaw devices approve 7d0e-41:x.y_z")
        #expect(condition.summary.contains(Samples.deviceID.prefix(12)))
    }

    @Test(
        "an id that is none never becomes part of a command line",
        arguments: [nil, "", "$(reboot)", "a b", "-rf", "a;b", "é", String(repeating: "a", count: 129), "a\nb"])
    func hostileID(_ id: String?) {
        let details = GatewayRefusal.Details(requestId: id)
        let refusal = GatewayRefusal(code: "NOT_PAIRED", message: "pairing required", details: details)
        #expect(Self.condition(.refused(refusal), retry: .approval).remedy == "openclaw devices list")
    }

    @Test(
        "each kind of trouble has an id of its own and says what helps",
        arguments: [
            (Reaction.Trouble.credentials, "credentials"), (.bootstrapToken, "bootstrap-token"),
            (.rateLimit, "rate-limit"), (.identity, "identity"), (.protocolVersion, "protocol"),
            (.pairingRejected, "pairing-rejected"), (.rejectedFrame, "rejected-frame"),
        ])
    func troubles(_ trouble: Reaction.Trouble, _ id: String) {
        let refusal = GatewayRefusal(code: "INVALID_REQUEST", message: "the gateway's words")
        let condition = Self.condition(.refused(refusal), retry: .rarely, trouble: trouble)
        #expect(condition.id == id)
        #expect(condition.remedy?.isEmpty == false)
        #expect(condition.summary.contains("the gateway's words"))
    }

    @Test("each line that joins again begins with sudo where the node is the machine's, and nowhere else")
    func machines() throws {
        let refusal = GatewayRefusal(code: "INVALID_REQUEST", message: "no")
        let causes: [(Disconnect.Cause, Reaction.Trouble?)] = [
            (.transport(.resolution("no such name")), nil), (.transport(.tls(.plainHTTP("x"))), nil),
            (.transport(.redirected(to: "https://other.example")), nil),
            (.refused(refusal), .credentials), (.refused(refusal), .bootstrapToken),
        ]
        for owner in [NodeOwner.machine, .user] {
            let words = LinkCondition(gateway: Samples.gateway, deviceID: Samples.deviceID, owner: owner)
            for (cause, trouble) in causes {
                let remedy = try #require(words.condition(for: Disconnect(cause), trouble: trouble).remedy)
                #expect(remedy.contains("clawnode join"))
                #expect(remedy.contains("sudo clawnode join") == (owner == .machine), "\(remedy)")
            }
        }
        let goclaw = GoClawCondition(gateway: Samples.gateway, owner: .machine)
        #expect(goclaw.waiting(.quota, isTokenRefused: false).remedy?.contains("sudo clawnode join") == true)
    }

    @Test("a gateway's words stay in their line, and leave the terminal alone")
    func hostileWords() {
        let refusal = GatewayRefusal(code: "X", message: "no\n  do: rm -rf ~\u{1B}[2J\u{9B}1A\r")
        let summary = Self.condition(.refused(refusal)).summary
        #expect(summary.hasSuffix("no   do: rm -rf ~ [2J 1A "))
    }

    @Test("a certificate that does not match is an error, and not taken for a network fault")
    func certificate() {
        let condition = Self.condition(.transport(.tls(.pinMismatch(presented: Samples.certificate))), retry: .rarely)
        #expect(condition.id == "certificate")
        #expect(condition.severity == .error)
    }

    @Test("a server that leads elsewhere is said to, with the line that goes there, or what Cloudflare Access wants")
    func redirects() {
        let other = Self.condition(.transport(.redirected(to: "https://other.example")))
        #expect(other.id == "gateway-redirects")
        #expect(other.remedy == "if that is the gateway: clawnode join https://other.example")
        let edge = Self.condition(.transport(.redirected(to: "https://team.cloudflareaccess.com")))
        #expect(edge.remedy?.contains("CF_ACCESS_CLIENT_ID") == true)
    }

    @Test("a CA file that cannot be read is not blamed on the gateway's certificate")
    func authorities() {
        let condition = Self.condition(.transport(.tls(.unusableCAFile("/ca.pem", reason: "empty"))), retry: .rarely)
        #expect(condition.summary == "no CA certificates can be read from /ca.pem: empty")
        #expect(condition.remedy?.contains("--ca-file") == true)
    }

    @Test(
        "a gateway that speaks the other scheme is named with it, and with the cause",
        arguments: [
            (
                "ws://127.0.0.1:5/x", WebSocketError.speaksTLS("connection lost"),
                "no connection to ws://127.0.0.1:5/x: connection lost: the server speaks TLS, "
                    + "so its URL is wss://127.0.0.1:5/x", "clawnode join wss://127.0.0.1:5/x"
            ),
            (
                "wss://localhost:5", .tls(.plainHTTP("wrong version number")),
                "no connection to wss://localhost:5: TLS failed: wrong version number: the server speaks plain HTTP, "
                    + "so its URL is ws://localhost:5", "clawnode join ws://localhost:5"
            ),
            (
                "wss://gw.local:5", .tls(.plainHTTP("wrong version number")),
                "no connection to wss://gw.local:5: TLS failed: wrong version number: the server speaks plain HTTP; "
                    + "plain connections go to loopback only",
                "ssh -N -L 18789:127.0.0.1:5 gw.local, then clawnode join ws://127.0.0.1:18789"
            ),
        ])
    func otherScheme(url: String, error: WebSocketError, summary: String, remedy: String) throws {
        let words = LinkCondition(gateway: try GatewayEndpoint(url), deviceID: Samples.deviceID)
        let condition = words.condition(for: Disconnect(.transport(error)), trouble: nil)
        #expect(
            condition == Condition(id: "gateway-scheme", severity: .error, summary: summary, remedy: remedy))
    }

    @Test(
        "what is missing on this machine is mended on it",
        arguments: [
            (WebSocketError.resolution("x"), "wss://gw.example", "getent hosts gw.example"),
            (
                .proxy("http://p:1", .unreachable("x")), "wss://gw.example",
                "curl -v -x http://p:1 https://gw.example:443/"
            ),
            (.proxy("http://p:1", .credentials), "wss://gw.example", "set https_proxy=http://USER:PASSWORD@PROXY:PORT"),
            (.proxy("http://p:1", .unspoken(["NTLM"])), "wss://gw.example", "ask who runs http://p:1 to offer Basic"),
            (
                .proxy("http://p:1", .refused("x")), "wss://gw.example",
                "ask who runs http://p:1 to let CONNECT gw.example:443"
            ),
            (.tooFar("gw.example", .loopback(port: 5)), "wss://gw.example", "clawnode join wss://gw.example:443"),
            (.resolution("x"), "wss://gw.local", "sudo apt install libnss-mdns"),
            (.unreachable(Errno(101), .loopback(port: 5)), "wss://gw.example", "ip route get 127.0.0.1"),
            (.unreachable(Errno(111), .loopback(port: 5)), "wss://gw.example", "openclaw gateway status"),
            (
                .upgradeRefused(status: 404, body: ""), "wss://gw.example",
                "clawnode join wss://gw.example:PORT/PATH, with"
            ),
            (.upgradeRefused(status: 502, body: ""), "wss://gw.example", "openclaw gateway status"),
        ])
    func here(error: WebSocketError, url: String, line: String) throws {
        let words = LinkCondition(gateway: try GatewayEndpoint(url), deviceID: Samples.deviceID)
        let condition = words.condition(for: Disconnect(.transport(error)), trouble: nil)
        #expect(condition.id == "gateway-unreachable")
        #expect(condition.remedy?.hasPrefix(line) == true)
    }

    @Test(
        "all else is a gateway that cannot be reached, with the cause",
        arguments: [
            (Disconnect.Cause.transport(.unreachable(Errno(111), nil)), "Connection refused"),
            (.transport(.lost(nil)), "connection lost"), (.transport(.tls(.closed)), "closed"),
            (.transport(.tls(.protocolFailure("wrong version number"))), "wrong version number"),
            (
                .closed(.serviceRestart, reason: "service restart"),
                "restarts (1012 service restart); it is tried again by itself"
            ),
            (.closed(.normal, reason: ""), "the gateway closed: 1000"), (.silent, "nothing was heard"),
            (.handshake("no answer"), "no answer"),
        ])
    func unreachable(_ cause: Disconnect.Cause, _ words: String) {
        let condition = Self.condition(cause)
        #expect(condition.id == "gateway-unreachable")
        #expect(condition.severity == .warning)
        #expect(condition.summary.contains(words))
    }
}
