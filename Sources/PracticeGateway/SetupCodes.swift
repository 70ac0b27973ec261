/// The one-time tokens behind setup codes (openclaw-gateway.md §5.5): ten minutes, one device.
package struct SetupCodes: Sendable {
    private struct Code: Sendable {
        let issuedAt: ContinuousClock.Instant
        var deviceID: String?
    }

    package static let timeToLive: Duration = .seconds(600)

    private var codes: [String: Code] = [:]

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
    }
}
