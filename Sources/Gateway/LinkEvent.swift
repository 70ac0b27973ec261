import NodeCore

/// What the link has to tell whoever keeps the status.
package enum LinkEvent: Sendable {
    case connecting
    /// What the gateway speaks, as it has shown now or before, or as its owner says.
    case recognised(Dialect)
    /// The gateway answers at this one of its addresses.
    case reached(GatewayEndpoint)
    case connected(Hello)
    /// A sign of life from the gateway; the next is due in an interval.
    case ticked(Duration)
    /// Not connected; `condition` says why and what helps, and the next attempt comes after `retryIn`.
    case waiting(Condition, isApproval: Bool, retryIn: Duration)
    /// Something that does not keep the node from being connected.
    case raised(Condition)
    case cleared(conditionID: String)
    case invoked(InvocationRecord)
    /// A new code by which an operator can let this node in.
    case pairingCode(String)
    case stopped
}
