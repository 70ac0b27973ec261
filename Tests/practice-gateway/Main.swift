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
                group.addTask { try await Orders(gateway: gateway).follow(on: loop) }
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

    func follow(on loop: EventLoop) async throws {
        _ = fcntl(STDIN_FILENO, F_SETFL, fcntl(STDIN_FILENO, F_GETFL) | O_NONBLOCK)
        let readiness = try Readiness(STDIN_FILENO, on: loop)
        defer { readiness.cancel() }
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        try await withThrowingDiscardingTaskGroup { group in
            while true {
                let count = read(STDIN_FILENO, &buffer, buffer.count)
                if count == 0 { return group.cancelAll() }
                guard count > 0 else {
                    _ = try await readiness.wait(for: .read)
                    continue
                }
                received += buffer[..<count]
                while let end = received.firstIndex(of: UInt8(ascii: "\n")) {
                    let order = try JSONReader.read(Array(received[..<end]))
                    received.removeSubrange(...end)
                    group.addTask { try await obey(order) }
                }
            }
        }
    }

    /// What comes of an order is told with the number that it bears.
    private func obey(_ order: JSONValue) async throws {
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
        case "rotateToken": try await gateway.rotateToken(of: text("id"))
        case "removeDevice": try await gateway.removeDevice(text("id"))
        case "goDown":
            let expected = order["restartExpectedMs"]?.integer
            await gateway.goDown(expected.map { .restart(expectedMs: $0) } ?? .none)
        case "comeBack": try await gateway.comeBack()
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

private enum Line {
    /// Who started this program reads; one line is written whole, for all are written on the loop's thread.
    static func say(_ value: JSONValue) {
        let line = value.bytes + [UInt8(ascii: "\n")]
        let out = FileDescriptor(adopting: STDOUT_FILENO)
        // Nobody is left to tell when nobody reads.
        line.withUnsafeBytes { bytes in _ = try? out.writeAll(bytes) }
        _ = out.release()
    }

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
        case .breach(let breach): ["event": "breach", "message": .string(breach.what)]
        default: nil
        }
    }
}
