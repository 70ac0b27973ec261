import LinuxIO
import NodeCrypto
import NodeTesting
import PracticeGateway
import Testing
import WebSocket

/// A node of a few lines, correct unless a test bends it, that speaks to a gateway over a real socket.
struct TestNode: Sendable {
    let gateway: PracticeGateway
    let loop: EventLoop
    let key = SigningKey.generate()

    var id: String { DeviceProof.deviceID(key.publicKey) }

    /// Serves a gateway on an event loop while `body` runs.
    static func run(
        _ options: PracticeOptions = PracticeOptions(),
        _ body: @escaping @Sendable (PracticeGateway, TestNode) async throws -> Void
    ) async throws {
        try await onEventLoop { loop in
            let gateway = try PracticeGateway(options, on: loop)
            try await withThrowingTaskGroup(of: Bool.self) { group in
                group.addTask {
                    await gateway.run()
                    return false
                }
                group.addTask {
                    try await body(gateway, TestNode(gateway: gateway, loop: loop))
                    return true
                }
                while try await group.next() == false {}
                group.cancelAll()
            }
        }
    }

    // MARK: Connecting

    func dial(_ headers: [(String, String)] = []) async throws -> NodeLine {
        let port = UInt16(gateway.url.split(separator: ":").last ?? "") ?? 0
        var target = WebSocketTarget(host: "127.0.0.1", port: port, headers: headers)
        if let certificate = gateway.options.certificate {
            target.tls = try TLSClientContext(trust: .pins([try CertificatePin(certificate.fingerprint)]))
        }
        return NodeLine(
            connection: try await WebSocketConnection.connect(
                to: target, on: loop, maxMessage: 26_214_400, timeout: .seconds(60)))
    }

    /// Dials, answers the challenge, and gives the line with the gateway's response.
    func connect(
        auth: JSONValue? = nil, version: ProofVersion = .v3, commands: [String] = ["device.info", "camera.snap"],
        bend: (JSONValue) -> JSONValue = { $0 }
    ) async throws -> (line: NodeLine, response: JSONValue) {
        let line = try await dial()
        let challenge = try await line.frame { $0["event"] == "connect.challenge" }
        let params = try params(challenge, auth: auth, version: version, commands: commands)
        let response = try await line.ask("connect", bend(params))
        return (line, response)
    }

    private func params(
        _ challenge: JSONValue, auth: JSONValue?, version: ProofVersion, commands: [String]
    ) throws -> JSONValue {
        let device: JSONValue = [
            "id": .string(id), "publicKey": .string(Base64Text.urlText(key.publicKey)), "signature": "unsigned",
            "signedAt": challenge["payload"]?["ts"] ?? .null, "nonce": challenge["payload"]?["nonce"] ?? .null,
        ]
        let unsigned = JSONValue.members([
            "minProtocol": 3, "maxProtocol": 4,
            "client": [
                "id": "node-host", "version": "1", "platform": "linux", "deviceFamily": "Linux", "mode": "node",
            ],
            "role": "node", "scopes": [], "caps": ["device", "camera"], "commands": .strings(commands), "auth": auth,
            "device": device,
        ])
        let text = DeviceProof.signedString(version, ConnectParams(unsigned))
        let signature = Base64Text.urlText(try key.sign(Array(text.utf8)))
        return unsigned.with(.string(signature), at: "device", "signature")
    }

    /// Connected, paired and with all its commands live.
    func join() async throws -> NodeLine {
        let (line, response) = try await connect()
        try #require(response["ok"] == true)
        var events = gateway.events.reader()
        let id = id
        _ = try await events.first { event in
            if case .hello(_, let view) = event, view.id == id { true } else { nil }
        }
        return line
    }
}

/// A node's end of a connection.
struct NodeLine: Sendable {
    /// The gateway closed where a frame was awaited.
    struct Closed: Error {}

    let connection: WebSocketConnection

    func send(_ text: String) async throws {
        try await connection.send(.text(Array(text.utf8)))
    }

    func send(_ method: String, _ params: JSONValue, id: String = SecureRandom.uuid()) async throws {
        try await send(
            JSONValue.members(["type": "req", "id": .string(id), "method": .string(method), "params": params]).text)
    }

    /// The response to a request; what else comes meanwhile is passed over.
    func ask(_ method: String, _ params: JSONValue) async throws -> JSONValue {
        let id = SecureRandom.uuid()
        try await send(method, params, id: id)
        return try await frame { $0["id"]?.string == id }
    }

    /// The first frame from here on that is wanted.
    func frame(where isWanted: (JSONValue) -> Bool) async throws -> JSONValue {
        while true {
            guard let message = try await connection.receive() else { throw Closed() }
            let frame = try JSONReader.read(message.bytes)
            if isWanted(frame) { return frame }
        }
    }

    func event(_ name: String) async throws -> JSONValue {
        let frame = try await frame { $0["event"]?.string == name }
        return try #require(frame["payload"])
    }

    /// Answers the next invocation; gives its id.
    @discardableResult
    func answer(_ payload: JSONValue = ["fine": true], times: Int = 1) async throws -> String {
        let request = try await event("node.invoke.request")
        let result = JSONValue.members([
            "id": request["id"], "nodeId": request["nodeId"], "ok": true, "payload": payload,
        ])
        for _ in 0..<times { try await send("node.invoke.result", result) }
        return request["id"]?.string ?? ""
    }

    /// The gateway's close frame, once everything before it has been read.
    func close() async throws -> CloseFrame {
        while try await connection.receive() != nil {}
        let frame = try #require(connection.closeFrame)
        return CloseFrame(code: frame.code, reason: frame.reason)
    }
}

extension PracticeOptions {
    /// A gateway that lets everybody in.
    static func open(_ release: GatewayRelease = .newest) -> PracticeOptions {
        var options = PracticeOptions(release: release)
        options.approvesDevices = true
        options.approvesSurfaces = true
        options.allowedCommands = ["device.info", "camera.snap"]
        return options
    }
}
