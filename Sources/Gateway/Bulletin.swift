import NodeCore

/// What a gateway is told without having asked: when it lets us in, and then every so often (`node.event`, openclaw-gateway §6.5).
package struct Bulletin: Sendable {
    let event: String
    let interval: Duration
    /// JSON; nil when there is nothing to tell just now. Given whether this connection has not been told anything yet.
    let payload: @Sendable (_ isFirst: Bool) async -> [UInt8]?

    package init(
        _ event: String, every interval: Duration, payload: @escaping @Sendable (_ isFirst: Bool) async -> [UInt8]?
    ) {
        self.event = event
        self.interval = interval
        self.payload = payload
    }

    func frame(_ id: String, _ payload: [UInt8]) -> [UInt8] {
        Array("{\"type\":\"req\",\"id\":\"\(id)\",\"method\":\"node.event\",\"params\":{\"event\":".utf8)
            + JSON.quoted(event)
            + Array(",\"payloadJSON\":".utf8) + JSON.quoted(payload) + Array("}}".utf8)
    }
}

/// What has become of the bulletins of one connection, by their events.
struct BulletinBoard {
    /// A gateway that had no use for one may have it later: once an operator has approved what it takes.
    static let pause = Duration.seconds(3600)

    /// The requests with the last ones.
    private var last: [String: String] = [:]
    private var unwanted: Set<String> = []

    mutating func sent(_ event: String, as id: String) {
        last[event] = id
        unwanted.remove(event)
    }

    func isUnwanted(_ event: String) -> Bool { unwanted.contains(event) }

    /// True when it is the answer that refuses one.
    mutating func take(_ response: IncomingFrame.Response) -> Bool {
        guard let event = last.first(where: { $0.value == response.id })?.key else { return false }
        last[event] = nil
        guard !response.ok || Self.isUnhandled(response) else { return false }
        unwanted.insert(event)
        return true
    }

    /// Newer gateways say what they did with it; any other answer is as good as none.
    private static func isUnhandled(_ response: IncomingFrame.Response) -> Bool {
        struct Answer: Decodable {
            struct Payload: Decodable { var handled: Bool }
            var payload: Payload
        }
        return (try? JSON.decode(Answer.self, from: response.payload))?.payload.handled == false
    }
}
