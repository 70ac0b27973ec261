/// What a watcher of the gateway sees happen.
package enum GatewayEvent: Sendable {
    /// It listens (again).
    case listening(port: UInt16)
    /// A WebSocket stands; connections are numbered from 1.
    case opened(connection: Int)
    /// Somebody asks the HTTP side whether it is well.
    case healthAsked
    /// A `connect` that the schema let pass.
    case connect(connection: Int, ConnectParams)
    case refused(connection: Int, WireRefusal)
    case pairingRequested(PairingQueue.Request)
    case pairingResolved(requestID: String, deviceID: String, isApproved: Bool)
    case surfaceRequested(SurfaceApprovals.Request)
    case surfaceResolved(requestID: String, nodeID: String, isApproved: Bool)
    case hello(connection: Int, NodeView)
    /// A reply of the node; `isDelivered` is false when nobody waited for it (any more).
    case result(connection: Int, invokeID: String, isDelivered: Bool)
    /// A sign of life of an invocation that takes long.
    case progress(connection: Int, invokeID: String, number: Int)
    case nodeEvent(connection: Int, name: String, payload: JSONValue?)
    /// Any other request of the node.
    case request(connection: Int, method: String)
    /// The connection is over.
    case closed(connection: Int, nodeID: String?, Ending)
    case breach(Breach)

    package enum Ending: Sendable, Equatable {
        /// The node said so.
        case byNode(code: UInt16, reason: String)
        /// The gateway said so.
        case byGateway(code: UInt16, reason: String)
        /// Without a close frame; what was seen last.
        case lost(String)
    }
}

/// Something the node did that the protocol does not allow; a correct node causes none.
package struct Breach: Sendable, Equatable, CustomStringConvertible {
    package let connection: Int
    package let what: String

    package var description: String { "connection \(connection): \(what)" }
}

/// A node as its gateway sees it.
package struct NodeView: Sendable, Equatable {
    package let id: String
    package let connection: Int
    package let displayName: String?
    package let version: String
    package let platform: String
    package let deviceFamily: String?
    /// What it claimed.
    package let declared: Surface
    /// What an operator can invoke now.
    package var live: Surface
    /// The surface request that waits for an operator.
    package var surfaceRequest: String?
    package let credential: ProvenCredential
    package let proof: ProofVersion
}

extension EventFeed<GatewayEvent> {
    package var violations: [Breach] {
        all.compactMap {
            if case .breach(let breach) = $0 { return breach }
            return nil
        }
    }
}
