/// Judges the first message of a connection up to the point where the device has proved itself; what the queue and the
/// approvals say comes after (openclaw-gateway.md §2.3, §2.6, §3).
struct ConnectCheck: Sendable {
    let release: GatewayRelease
    let schema: OpenClawSchema
    let strict: OpenClawSchema

    init(_ release: GatewayRelease) {
        self.release = release
        schema = OpenClawSchema(release)
        strict = OpenClawSchema(.april)
    }

    /// The request in a message; throws with the id to answer to.
    func request(_ message: [UInt8], tell: (String) -> Void) throws(Rejected) -> JSONValue {
        let frame: JSONValue
        do { frame = try JSONReader.read(message) } catch {
            tell("a message that is not JSON: \(error)")
            throw Rejected(id: "invalid", .invalidRequest("invalid request frame: \(error)"))
        }
        if let fault = strict.firstFault(in: frame, as: .request) { tell("request frame \(fault)") }
        if let fault = schema.firstFault(in: frame, as: .request) {
            throw Rejected(id: frame["id"], .invalidRequest("invalid request frame: \(fault)"))
        }
        return frame
    }

    /// The params of `connect` in the first request.
    func params(_ frame: JSONValue, tell: (String) -> Void) throws(Rejected) -> ConnectParams {
        guard frame["method"] == "connect" else {
            tell("the first request is \(frame["method"]?.string ?? "none")")
            throw Rejected(id: frame["id"], .firstMustBeConnect)
        }
        let params = frame["params"] ?? .null
        if let fault = strict.firstFault(in: params, as: .connect) { tell("connect params \(fault)") }
        if let fault = schema.firstFault(in: params, as: .connect) {
            throw Rejected(id: frame["id"], .invalidParams("\(fault)"))
        }
        return ConnectParams(params)
    }

    /// The signature version that proves the device.
    func prove(_ params: ConnectParams, nonce: String, now: Int) throws(WireRefusal) -> ProofVersion {
        let isNode = params.role == "node" && params.clientMode == "node"
        guard let offered = params.protocols, release.accepts(offered, asNode: isNode) else {
            throw .protocolMismatch(params.protocols, release)
        }
        guard ["operator", "node"].contains(params.role) else { throw .invalidRole }
        return try DeviceProof(release: release, nonce: nonce, now: now).check(params)
    }

    /// What a node should have done although this gateway does not insist on it (§2.3, §3.3, §7.2).
    func advice(_ params: ConnectParams, challengedAt: Int) -> [String] {
        var advice: [String] = []
        if params.clientID != "node-host" || params.clientMode != "node" || params.role != "node" {
            advice.append("connects as \(params.clientID)/\(params.clientMode)/\(params.role)")
        }
        if !params.scopes.isEmpty { advice.append("a node asks for scopes") }
        if params.platform != "linux" || params.deviceFamily != "Linux" {
            advice.append("platform \(params.platform), deviceFamily \(params.deviceFamily ?? "absent")")
        }
        if params.bootstrapToken != nil, params.token != nil || params.deviceToken != nil || params.password != nil {
            advice.append("a setup code does not go alone")
        }
        if let device = params.device, device.signedAt != challengedAt {
            advice.append("signedAt is not the challenge's time")
        }
        return advice
    }
}

/// A request that was refused, with the id that the response goes to.
struct Rejected: Error, Sendable {
    let id: JSONValue
    let refusal: WireRefusal

    /// An id that is no text cannot be answered to.
    init(id: JSONValue?, _ refusal: WireRefusal) {
        self.id = id?.string.map { .string($0) } ?? "invalid"
        self.refusal = refusal
    }
}
