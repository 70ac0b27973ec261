import Gateway
import NodeRuntime

/// Whether the gateway lets this node in, as the daemon has heard from it: to ask it ourselves, as the same device, would take the
/// daemon's place (openclaw-gateway §9.1).
struct ApprovalCheck: FileCheck {
    static let topics = ["gateway.auth", "gateway.device", "gateway.surface"]

    /// What the daemon's conditions about being let in are about.
    static let topicsByCondition = [
        "credentials": "gateway.auth", "bootstrap-token": "gateway.auth", "rate-limit": "gateway.auth",
        "protocol": "gateway.auth", "rejected-frame": "gateway.auth", "gateway-refused": "gateway.auth",
        "gateway-auth": "gateway.auth",
        "device-approval": "gateway.device", "identity": "gateway.device", "pairing-rejected": "gateway.device",
        "surface-approval": "gateway.surface", "pairing-expiry": "gateway.device",
    ]
    /// Its conditions about the way there.
    static let waysOnly = ["gateway-unreachable", "certificate", "gateway-scheme", "not-joined"]

    func look(at patient: Patient) -> [Finding] {
        guard let status = patient.status else {
            let before =
                hasToken(patient)
                ? "; it has let this device in before" : ""
            return Self.topics.map {
                .skipped($0, "only a daemon that runs can tell: \(patient.configuration.owner.start)" + before)
            }
        }
        return Self.judge(status)
    }

    static func judge(_ status: NodeStatus) -> [Finding] {
        var findings: [String: Finding] = [:]
        for condition in status.conditions {
            if let topic = topicsByCondition[condition.id] { findings[topic] = Finding(topic, condition) }
        }
        let isConnected = status.state == .connected
        // An OpenClaw gateway looks at the credentials first; at GoClaw's, who waits has none that is taken.
        let isGoClaw = status.gateway?.dialect == Dialect.goclaw.rawValue
        let isLetIn = isConnected || (status.state == .approval && !isGoClaw)
        let words = [
            (topics[0], isLetIn, "the gateway takes our credentials"),
            (topics[1], isConnected, "this device is approved"),
            (topics[2], isConnected, "the gateway has passed on commands as they are offered now"),
        ]
        return words.map { topic, isKnown, ok in
            findings[topic] ?? (isKnown ? .ok(topic, ok) : .skipped(topic, "not known while \(status.state.rawValue)"))
        }
    }

    private func hasToken(_ patient: Patient) -> Bool {
        // What cannot be read is told of by another check.
        let state = patient.configuration.stateDirectory
        guard let target = try? GatewayTarget(of: patient), let tokens = try? TokenStore(directory: state),
            let identity = try? DeviceIdentity.stored(in: state)
        else { return false }
        return tokens.memory(of: target.endpoint, deviceID: identity.deviceID).tokens["node"] != nil
    }
}
