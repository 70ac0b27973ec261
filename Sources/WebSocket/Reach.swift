import LinuxIO

/// How far a connection may go: what is not encrypted stays near.
package enum Reach: Sendable {
    case loopback
    /// Loopback and the addresses that the internet does not carry.
    case privateNetworks
    case anywhere

    /// A name may turn out to be anybody's.
    func allowed(
        _ addresses: [SocketAddress], of host: String
    ) -> Result<[SocketAddress], WebSocketError> {
        let near = addresses.filter { address in
            switch self {
            case .loopback: address.isLoopback
            case .privateNetworks: address.isLoopback || address.isPrivate
            case .anywhere: true
            }
        }
        if near.isEmpty, let address = addresses.first { return .failure(.tooFar(host, address)) }
        return .success(near)
    }
}
