/// Who is paired with a GoClaw gateway and who asks to be (goclaw-gateway.md §3.4). Time and codes come in from outside.
package struct GoClawPairings: Sendable {
    package struct Request: Sendable, Equatable {
        package let code: String
        package let senderID: String
        package let channel: String
        package let accountID: String
        package let createdAt: ContinuousClock.Instant
    }

    package struct Pairing: Sendable, Equatable {
        package let senderID: String
        package let channel: String
        package let pairedAt: ContinuousClock.Instant
    }

    package enum Status: String, Sendable {
        case approved, pending, expired
    }

    package enum Fault: Error, Equatable {
        case quota
        case unknown(code: String)
        case unpaired(String)
    }

    package static let codeLifetime = Duration.seconds(60 * 60)
    package static let lifetime = Duration.seconds(30 * 24 * 60 * 60)
    package static let quota = 3
    /// No I, O, 0 and 1.
    static let alphabet = Array("ABCDEFGHJKLMNPQRSTUVWXYZ23456789")

    private var requests: [Request] = []
    private var pairings: [Pairing] = []

    package func pending(at now: ContinuousClock.Instant) -> [Request] {
        requests.filter { now - $0.createdAt < Self.codeLifetime }
    }

    /// Asking again brings the same code. The quota is looked at first, as the gateways do.
    package mutating func request(
        _ senderID: String, channel: String, accountID: String, code: String, now: ContinuousClock.Instant
    ) throws(Fault) -> Request {
        requests = pending(at: now)
        guard requests.count(where: { $0.accountID == accountID }) < Self.quota else { throw .quota }
        if let known = requests.first(where: { $0.senderID == senderID && $0.channel == channel }) { return known }
        let request = Request(
            code: code, senderID: senderID, channel: channel, accountID: accountID, createdAt: now)
        requests.append(request)
        return request
    }

    /// A sender with an older pairing, even one that has ended, cannot be paired again, and its request is used up.
    package mutating func approve(
        _ code: String, now: ContinuousClock.Instant
    ) throws(Fault) -> Pairing {
        let request = try take(code, now: now)
        guard !pairings.contains(where: { $0.senderID == request.senderID && $0.channel == request.channel }) else {
            throw .unknown(code: code)
        }
        let pairing = Pairing(senderID: request.senderID, channel: request.channel, pairedAt: now)
        pairings.append(pairing)
        return pairing
    }

    package mutating func deny(_ code: String, now: ContinuousClock.Instant) throws(Fault) {
        _ = try take(code, now: now)
    }

    package mutating func revoke(_ senderID: String, channel: String) throws(Fault) {
        let count = pairings.count
        pairings.removeAll { $0.senderID == senderID && $0.channel == channel }
        if pairings.count == count { throw .unpaired(senderID) }
    }

    package func isPaired(_ senderID: String, at now: ContinuousClock.Instant) -> Bool {
        pairings.contains { $0.senderID == senderID && $0.channel == "browser" && now - $0.pairedAt < Self.lifetime }
    }

    package func status(of senderID: String, at now: ContinuousClock.Instant) -> Status {
        if isPaired(senderID, at: now) { return .approved }
        return pending(at: now).contains { $0.senderID == senderID } ? .pending : .expired
    }

    private mutating func take(_ code: String, now: ContinuousClock.Instant) throws(Fault) -> Request {
        requests = pending(at: now)
        guard let index = requests.firstIndex(where: { $0.code == code }) else { throw .unknown(code: code) }
        return requests.remove(at: index)
    }
}
