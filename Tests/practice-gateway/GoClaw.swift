import Glibc
import LinuxIO
import NodeCrypto
import PracticeGateway

/// The same for a gateway of a GoClaw family, which tells less and is told less.
enum GoClaw {
    static func run(family name: String, on loop: EventLoop) throws {
        guard let family = GoClawFamily(rawValue: name) else { throw Errno(EINVAL) }
        let gateway = try GoClawGateway(GoClawOptions(family), on: loop)
        Line.say([
            "event": "begun", "port": .number(Double(gateway.port)), "token": .string(gateway.options.token ?? ""),
            "fingerprint": "",
        ])
        try loop.run {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await gateway.run() }
                group.addTask {
                    var events = gateway.events.reader()
                    while true {
                        if let told = told(of: try await events.next()) { Line.say(told) }
                    }
                }
                group.addTask { try await Standard.lines(on: loop) { try await obey($0, gateway) } }
                // Only the end of stdin ends one of them.
                _ = try await group.next()
                group.cancelAll()
            }
        }
    }

    private static func obey(_ order: JSONValue, _ gateway: GoClawGateway) async throws {
        let number = order["number"] ?? .null
        switch order["order"]?.string {
        case "approveDevice":
            try await gateway.approve(order["id"]?.string ?? "")
            Line.say(["number": number, "ok": true])
        case "invoke":
            // None of these asks nodes by itself, and a node answers whoever does.
            let id = SecureRandom.uuid()
            var events = gateway.events.readerFromNow()
            await gateway.push([
                "type": "event", "event": "node.invoke.request",
                "payload": [
                    "id": .string(id), "nodeId": order["id"] ?? "", "command": order["command"] ?? "",
                    "paramsJSON": "{}",
                ],
            ])
            let result = try await events.first { event -> JSONValue? in
                guard case .request(_, "node.invoke.result", let params) = event, params["id"]?.string == id else {
                    return nil
                }
                return params
            }
            Line.say(["number": number, "ok": .bool(result["ok"] == true)])
        default: Line.say(["number": number, "ok": false])
        }
    }

    private static func told(of event: GoClawEvent) -> JSONValue? {
        switch event {
        case .pairingRequested(let request): ["event": "pairingRequested", "id": .string(request.code)]
        case .admitted: ["event": "hello"]
        case .breach(let breach): ["event": "breach", "message": .string(breach.what)]
        default: nil
        }
    }
}
