import Glibc
import LinuxIO
import NodeCrypto
import PracticeGateway

/// A practice gateway for tests that are not written in Swift: says what happens on stdout and does what it is told on
/// stdin, a JSON object a line, until that ends. Its arguments are its settings, a JSON object, where one is given, and the
/// commands that it allows.
@main
enum Main {
    static func main() throws {
        OwnProgram.prepare()
        let loop = try EventLoop()
        var arguments = CommandLine.arguments.dropFirst()
        let hasSettings = arguments.first?.first == "{"
        let settings = hasSettings ? try JSONReader.read(Array(arguments.removeFirst().utf8)) : .members([:])
        if let name = settings["goclaw"]?.string { return try GoClaw.run(family: name, on: loop) }
        let host = settings["host"]?.string ?? "127.0.0.1"
        let token = settings["token"]?.string ?? Hexadecimal.text(SecureRandom.bytes(16))
        var options = PracticeOptions(release: .newest)
        guard let address = SocketAddress.literal(host, port: UInt16(settings["port"]?.integer ?? 0)) else {
            throw Errno(EINVAL)
        }
        options.address = address
        options.authentication = .token(token)
        let certificate = try certificate(settings["certificate"], host)
        if settings["plain"]?.bool != true { options.certificate = certificate }
        options.approvesDevices = settings["approves"]?.bool ?? false
        options.approvesSurfaces = options.approvesDevices
        options.tickInterval = .seconds(settings["tickSeconds"]?.integer ?? 30)
        options.allowedCommands = Array(arguments)
        let gateway = try PracticeGateway(options, on: loop)
        Line.say([
            "event": "begun", "port": .number(Double(gateway.port)), "token": .string(token),
            "fingerprint": .string(certificate.fingerprint),
        ])
        try loop.run {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await gateway.run() }
                group.addTask {
                    var events = gateway.events.reader()
                    while true {
                        if let told = Line.told(of: try await events.next()) { Line.say(told) }
                    }
                }
                group.addTask {
                    let orders = Orders(gateway: gateway)
                    try await Standard.lines(on: loop) { try await orders.obey($0) }
                }
                // Only the end of stdin ends one of them.
                _ = try await group.next()
                group.cancelAll()
            }
        }
    }

    /// The one that is given, so that a gateway can come back as what it was.
    private static func certificate(_ given: JSONValue?, _ host: String) throws -> SelfSignedCertificate {
        guard let certificate = given?["certificate"]?.string, let key = given?["key"]?.string,
            let fingerprint = given?["fingerprint"]?.string
        else { return try .make(hosts: [host]) }
        return SelfSignedCertificate(
            certificatePEM: certificate, keyPEM: key, fingerprint: fingerprint, spkiPin: "")
    }
}

/// What is done at a gateway, as it comes in.
private struct Orders: Sendable {
    let gateway: PracticeGateway

    /// What comes of an order is told with the number that it bears.
    func obey(_ order: JSONValue) async throws {
        func text(_ key: String) -> String { order[key]?.string ?? "" }
        let number = order["number"] ?? .null
        var done = true
        switch text("order") {
        case "invoke":
            let result = await gateway.invoke(
                text("command"), params: order["params"]?.string, timeout: .seconds(order["seconds"]?.integer ?? 30))
            return Line.say(answer(result, number))
        case "approveDevice": try await gateway.approveDevice(text("id"))
        case "approveSurface": done = await gateway.approveSurface(text("id"))
        case "rejectDevice": try await gateway.rejectDevice(text("id"))
        case "revokeToken": try await gateway.revokeToken(of: text("id"))
        case "rotateToken": try await gateway.rotateToken(of: text("id"))
        case "removeDevice": try await gateway.removeDevice(text("id"))
        case "goDown":
            let expected = order["restartExpectedMs"]?.integer
            await gateway.goDown(expected.map { .restart(expectedMs: $0) } ?? .none)
        case "comeBack": try await gateway.comeBack()
        case "setupCode", "joinLink":
            let urls = (order["urls"]?.array ?? []).compactMap(\.string)
            let link =
                text("order") == "joinLink"
                ? await gateway.issueJoinLink(urls: urls) : await gateway.issueSetupCode(urls: urls)
            return Line.say(["number": number, "ok": true, "link": .string(link)])
        case "expireCodes": await gateway.expireSetupCodes()
        case "ping":
            let took = await gateway.ping(text("id"), within: .seconds(order["seconds"]?.integer ?? 30))
            return Line.say(
                .members([
                    "number": number, "ok": .bool(took != nil), "ms": took.map { .number($0 / .milliseconds(1)) },
                ]))
        default: done = false
        }
        Line.say(["number": number, "ok": .bool(done)])
    }

    private func answer(_ result: InvokeResult, _ number: JSONValue) -> JSONValue {
        var members: KeyValuePairs<String, JSONValue?> {
            switch result.outcome {
            case .succeeded: ["number": number, "ok": true, "payload": try? result.payload()]
            case .failed(let code, let message):
                ["number": number, "ok": false, "code": .string(code), "message": .string(message)]
            case .refused(let refusal):
                ["number": number, "ok": false, "code": .string(refusal.code), "message": .string(refusal.message)]
            case .unanswered(let code): ["number": number, "ok": false, "code": .string(code), "message": ""]
            }
        }
        return .members(members)
    }
}

extension Line {
    /// Nil: what nobody waits for.
    static func told(of event: GatewayEvent) -> JSONValue? {
        switch event {
        case .pairingRequested(let request):
            ["event": "pairingRequested", "id": .string(request.id), "device": .string(request.deviceID)]
        case .surfaceRequested(let request):
            ["event": "surfaceRequested", "id": .string(request.id), "device": .string(request.nodeID)]
        case .hello(_, let view):
            [
                "event": "hello", "device": .string(view.id), "credential": .string(view.credential.rawValue),
                "live": .strings(view.live.commands),
            ]
        case .refused(_, let refusal): ["event": "refused", "message": .string(refusal.message)]
        case .closed(_, let device, let ending):
            .members(["event": "closed", "device": device.map { .string($0) }, "ending": .string("\(ending)")])
        case .nodeEvent(_, let name, let payload): .members(["event": .string(name), "payload": payload])
        case .breach(let breach): ["event": "breach", "message": .string(breach.what)]
        default: nil
        }
    }
}
