/// The devices that are paired and those that ask to be (openclaw-gateway.md §5.3). Time, ids and tokens come in from outside.
package struct PairingQueue: Sendable {
    package struct Request: Sendable, Equatable {
        package let id: String
        package let deviceID: String
        package let publicKey: String
        package let reason: String
        package let displayName: String?
        package let platform: String
        package let deviceFamily: String?
        package let role: String
        package let scopes: [String]
        package var renewedAt: ContinuousClock.Instant
    }

    package struct Device: Sendable, Equatable {
        package let id: String
        package let publicKey: String
        package let displayName: String?
        /// What an operator approved; a node that says otherwise later is a different one.
        package let platform: String
        package let deviceFamily: String?
        package var roles: Set<String>
        package var scopes: Set<String>
        /// By role; a revoked token takes its role away.
        package var tokens: [String: String]
    }

    package enum Assessment: Sendable, Equatable {
        case paired(Device)
        /// `isNew` is false when the node only asked again.
        case mustBeApproved(Request, isNew: Bool)
    }

    package enum Fault: Error, Equatable {
        case unknownRequest(String)
        case unknownDevice(String)
    }

    package static let timeToLive: Duration = .seconds(300)

    private let release: GatewayRelease
    private var requests: [Request] = []
    private var devices: [String: Device] = [:]

    package init(release: GatewayRelease) {
        self.release = release
    }

    package func device(_ id: String) -> Device? { devices[id] }

    /// Whether an operator can still approve it.
    package func pending(at now: ContinuousClock.Instant) -> [Request] {
        requests.filter { now - $0.renewedAt < Self.timeToLive }
    }

    // MARK: The node's side

    /// Whether the device that proved itself may go on, and if not, which request an operator has to approve. Asking
    /// again keeps the request (in the newest release with a fresh time to live); asking for something else replaces it.
    package mutating func assess(
        _ request: ConnectParams, now: ContinuousClock.Instant, newID: String
    ) -> Assessment {
        guard let device = request.device else { preconditionFailure("a device without identity is refused before") }
        guard let reason = missing(request, device) else {
            guard let known = devices[device.id] else { preconditionFailure("nothing is missing, so it is known") }
            return .paired(known)
        }
        requests = pending(at: now)
        let wanted = Request(
            id: newID, deviceID: device.id, publicKey: device.publicKey, reason: reason,
            displayName: request.displayName, platform: request.platform, deviceFamily: request.deviceFamily,
            role: request.role, scopes: request.scopes, renewedAt: now)
        if let index = requests.firstIndex(where: { $0.deviceID == device.id }) {
            if requests[index].asksForTheSame(as: wanted) {
                if release == .newest { requests[index].renewedAt = now }
                return .mustBeApproved(requests[index], isNew: false)
            }
            requests.remove(at: index)
        }
        requests.append(wanted)
        return .mustBeApproved(wanted, isNew: true)
    }

    private func missing(_ request: ConnectParams, _ device: ConnectParams.Device) -> String? {
        guard let known = devices[device.id], known.publicKey == device.publicKey else { return "not-paired" }
        // A role counts only while its token does.
        guard known.roles.contains(request.role), known.tokens[request.role] != nil else { return "role-upgrade" }
        guard known.scopes.isSuperset(of: request.scopes) else { return "scope-upgrade" }
        func differ(_ pinned: String, _ claimed: String) -> Bool {
            !pinned.isEmpty && pinned.trimmed.asciiLowercased != claimed.trimmed.asciiLowercased
        }
        if differ(known.platform, request.platform) || differ(known.deviceFamily ?? "", request.deviceFamily ?? "") {
            return "metadata-upgrade"
        }
        return nil
    }

    // MARK: The operator's side

    /// Pairs the device that asked, with `token` for its role.
    package mutating func approve(
        _ requestID: String, now: ContinuousClock.Instant, token: String
    ) throws(Fault) -> Device {
        let request = try take(requestID, now: now)
        let known = devices[request.deviceID]
        let device = Device(
            id: request.deviceID, publicKey: request.publicKey, displayName: request.displayName,
            platform: request.platform, deviceFamily: request.deviceFamily,
            roles: (known?.roles ?? []).union([request.role]),
            scopes: (known?.scopes ?? []).union(request.scopes),
            tokens: (known?.tokens ?? [:]).merging([request.role: token]) { $1 })
        devices[device.id] = device
        return device
    }

    package mutating func reject(_ requestID: String, now: ContinuousClock.Instant) throws(Fault) -> Request {
        try take(requestID, now: now)
    }

    package mutating func remove(_ deviceID: String) throws(Fault) {
        guard devices.removeValue(forKey: deviceID) != nil else { throw .unknownDevice(deviceID) }
        requests.removeAll { $0.deviceID == deviceID }
    }

    package mutating func rotateToken(_ deviceID: String, role: String, to token: String) throws(Fault) {
        guard devices[deviceID]?.tokens[role] != nil else { throw .unknownDevice(deviceID) }
        devices[deviceID]?.tokens[role] = token
    }

    package mutating func revokeToken(_ deviceID: String, role: String) throws(Fault) {
        guard devices[deviceID]?.tokens.removeValue(forKey: role) != nil else { throw .unknownDevice(deviceID) }
    }

    private mutating func take(_ requestID: String, now: ContinuousClock.Instant) throws(Fault) -> Request {
        requests = pending(at: now)
        guard let index = requests.firstIndex(where: { $0.id == requestID }) else { throw .unknownRequest(requestID) }
        return requests.remove(at: index)
    }
}

extension PairingQueue.Request {
    fileprivate func asksForTheSame(as other: PairingQueue.Request) -> Bool {
        publicKey == other.publicKey && role == other.role && scopes == other.scopes && reason == other.reason
    }
}
