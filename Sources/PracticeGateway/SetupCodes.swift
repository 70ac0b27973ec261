/// The one-time tokens behind setup codes, and the links that lead to them (openclaw-gateway.md §5.5): ten minutes, one device, one
/// fetch.
package struct SetupCodes: Sendable {
    private struct Code: Sendable {
        let issuedAt: ContinuousClock.Instant
        var deviceID: String?
    }

    private struct Link: Sendable {
        let payload: JSONValue
        let issuedAt: ContinuousClock.Instant
    }

    package static let timeToLive: Duration = .seconds(600)

    private var codes: [String: Code] = [:]
    private var links: [String: Link] = [:]
    private var consumed: Set<String> = []

    package init() {}

    package mutating func issue(_ token: String, now: ContinuousClock.Instant) {
        codes[token] = Code(issuedAt: now)
    }

    /// Whether `deviceID` may use the token; from then on no other device can.
    package mutating func bind(_ token: String, to deviceID: String, now: ContinuousClock.Instant) -> Bool {
        guard let code = codes[token], now - code.issuedAt < Self.timeToLive else { return false }
        guard code.deviceID == nil || code.deviceID == deviceID else { return false }
        codes[token]?.deviceID = deviceID
        return true
    }

    /// After the hello that it led to.
    package mutating func consume(_ token: String) {
        codes[token] = nil
        consumed.insert(token)
    }

    package func isConsumed(_ token: String) -> Bool { consumed.contains(token) }

    /// As if ten minutes had passed.
    package mutating func expire() {
        codes = [:]
        links = [:]
    }

    // MARK: Links

    package mutating func offer(_ payload: JSONValue, behind code: String, now: ContinuousClock.Instant) {
        links[code] = Link(payload: payload, issuedAt: now)
    }

    /// What is behind the link with this path, for the first who asks.
    package mutating func redeem(path: String, now: ContinuousClock.Instant) -> JSONValue? {
        guard let marker = path.ranges(of: "/j/").last else { return nil }
        let code = String(path[marker.upperBound...])
        guard code.utf8.count == 22, let link = links.removeValue(forKey: code) else { return nil }
        return now - link.issuedAt < Self.timeToLive ? link.payload : nil
    }
}
