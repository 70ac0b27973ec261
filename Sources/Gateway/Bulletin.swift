import NodeCore

/// What a gateway is told without having asked: when it lets us in, and then every so often (`node.event`, openclaw-gateway §6.5).
package struct Bulletin: Sendable {
    let event: String
    let interval: Duration
    /// JSON; nil when there is nothing to tell just now.
    let payload: @Sendable () async -> [UInt8]?

    package init(_ event: String, every interval: Duration, payload: @escaping @Sendable () async -> [UInt8]?) {
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

/// What has become of the bulletins of one connection.
struct BulletinBoard {
    private var last: String?
    /// The gateway does not know what to do with them.
    private(set) var isUnwanted = false

    mutating func sent(_ id: String) {
        last = id
    }

    /// True when it is the answer that refuses them.
    mutating func take(_ response: IncomingFrame.Response) -> Bool {
        guard let id = last, response.id == id else { return false }
        last = nil
        isUnwanted = !response.ok || Self.isUnhandled(response)
        return isUnwanted
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
