/// Which part of what each node declares an operator has approved, and what waits for it (openclaw-gateway.md §5.2, §5.8).
package struct SurfaceApprovals: Sendable {
    package struct Request: Sendable, Equatable {
        package let id: String
        package let nodeID: String
        package let surface: Surface
        package let askedAt: ContinuousClock.Instant
    }

    package struct Assessment: Sendable, Equatable {
        /// What can be invoked right now.
        package let live: Surface
        /// What an operator has to approve for the rest; nil when nothing is missing.
        package let request: Request?
        /// False when that request was there before.
        package let isNew: Bool
    }

    package static let timeToLiveInApril: Duration = .seconds(300)

    private let release: GatewayRelease
    private var approved: [String: Surface] = [:]
    private var requests: [Request] = []

    package init(release: GatewayRelease) {
        self.release = release
    }

    package func pending(at now: ContinuousClock.Instant) -> [Request] {
        release == .newest ? requests : requests.filter { now - $0.askedAt < Self.timeToLiveInApril }
    }

    /// `declared`: what policy leaves of the node's claims. Only widening asks; narrowing never does.
    package mutating func assess(
        _ nodeID: String, declared: Surface, now: ContinuousClock.Instant, newID: String
    ) -> Assessment {
        requests = pending(at: now)
        if release.surfaceRule == .noApproval { return Assessment(live: declared, request: nil, isNew: false) }
        let known = approved[nodeID]
        if declared.isWithin(known ?? .nothing) {
            requests.removeAll { $0.nodeID == nodeID }
            return Assessment(live: declared, request: nil, isNew: false)
        }
        let live =
            known.map(declared.intersection) ?? (release.surfaceRule == .firstIsLive ? declared : .nothing)
        if let waiting = requests.first(where: { $0.nodeID == nodeID }), waiting.surface == declared {
            return Assessment(live: live, request: waiting, isNew: false)
        }
        requests.removeAll { $0.nodeID == nodeID }
        let request = Request(id: newID, nodeID: nodeID, surface: declared, askedAt: now)
        requests.append(request)
        return Assessment(live: live, request: request, isNew: true)
    }

    /// Approves a surface without a request: what a silent or local approval of the device brings along.
    package mutating func approve(_ surface: Surface, of nodeID: String) {
        approved[nodeID] = surface
        requests.removeAll { $0.nodeID == nodeID }
    }

    /// The request that is approved with this; nil when there is none of that id (any more).
    package mutating func approve(_ requestID: String, now: ContinuousClock.Instant) -> Request? {
        guard let request = take(requestID, now: now) else { return nil }
        approved[request.nodeID] = request.surface
        return request
    }

    package mutating func reject(_ requestID: String, now: ContinuousClock.Instant) -> Request? {
        take(requestID, now: now)
    }

    package mutating func remove(_ nodeID: String) {
        approved[nodeID] = nil
        requests.removeAll { $0.nodeID == nodeID }
    }

    private mutating func take(_ requestID: String, now: ContinuousClock.Instant) -> Request? {
        requests = pending(at: now)
        guard let index = requests.firstIndex(where: { $0.id == requestID }) else { return nil }
        return requests.remove(at: index)
    }
}
