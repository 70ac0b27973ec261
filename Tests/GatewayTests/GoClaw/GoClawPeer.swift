import NodeCore
import PracticeGateway

@testable import Gateway

/// The side of a GoClaw gateway of one connection, where a test says each word of it.
struct GoClawPeer {
    var listener: Listener
    var transport: FakeTransport { listener.transport }

    init(_ gateway: inout LinkBench.Gateway) async throws {
        listener = try await gateway.next()
    }

    /// The id of the next request for `method`.
    mutating func asked(_ method: String) async throws -> String {
        while true {
            let frame = try await listener.frame()
            if frame["method"]?.string == method { return frame["id"]?.string ?? "" }
        }
    }

    func answer(_ id: String, _ payload: JSONValue) {
        transport.deliver(["type": "res", "id": .string(id), "ok": true, "payload": payload])
    }

    func admit(_ id: String, as role: String = "operator") {
        answer(id, ["protocol": 3, "role": .string(role)])
    }

    func refuse(_ id: String, _ code: String) {
        transport.deliver(
            ["type": "res", "id": .string(id), "ok": false, "error": ["code": .string(code), "message": "x"]])
    }
}

extension LinkBench {
    static func goclaw() throws -> LinkBench { try LinkBench(secret: SharedSecret(), dialect: .goclaw) }

    /// Runs `body` with a node that has been let in, and to whom nothing is dispatched.
    func admitted(
        _ body: @escaping @Sendable (inout Gateway, inout GoClawPeer) async throws -> Void
    ) async throws {
        try await run { gateway async throws in
            var peer = try await GoClawPeer(&gateway)
            peer.admit(try await peer.asked("connect"))
            _ = try await gateway.connected()
            try await body(&gateway, &peer)
        }
    }
}
