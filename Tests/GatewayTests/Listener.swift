import PracticeGateway
import WebSocket

@testable import Gateway

/// The gateway's reading of one fake connection.
struct Listener {
    let transport: FakeTransport
    private var reader: EventFeed<FakeTransport.Deed>.Reader

    init(_ transport: FakeTransport) {
        self.transport = transport
        reader = transport.deeds.reader()
    }

    mutating func frame() async throws -> JSONValue {
        try await reader.first { if case .sent(let frame) = $0 { frame } else { nil } }
    }

    /// The params of the next result.
    mutating func result() async throws -> JSONValue {
        try await reader.first {
            guard case .sent(let frame) = $0, frame["method"] == "node.invoke.result" else { return nil }
            return frame["params"]
        }
    }

    mutating func pinged() async throws {
        try await reader.first { if case .pinged = $0 { () } else { nil } }
    }

    mutating func closed() async throws -> (code: CloseCode, reason: String) {
        try await reader.first { if case .closed(let code, let reason) = $0 { (code, reason) } else { nil } }
    }

    /// Sends the challenge and takes the node's `connect`: the id to answer to, and the params.
    mutating func connect() async throws -> (id: String, params: JSONValue) {
        transport.deliver(text: Samples.challenge)
        let frame = try await frame()
        return (frame["id"]?.string ?? "", frame["params"] ?? .null)
    }

    @discardableResult
    mutating func welcome(token: String? = nil, tickMs: Int = 30_000) async throws -> JSONValue {
        let (id, params) = try await connect()
        transport.deliver(Samples.hello(to: id, token: token, tickMs: tickMs))
        return params
    }

    @discardableResult
    mutating func refuse(_ error: JSONValue, close: (UInt16, String) = (1008, "")) async throws -> JSONValue {
        let (id, params) = try await connect()
        transport.deliver(Samples.refusal(to: id, error))
        transport.close(close.0, close.1)
        return params
    }
}
