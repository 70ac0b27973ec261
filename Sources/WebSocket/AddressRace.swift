import LinuxIO

/// In which order, and when, the addresses of a name are tried (RFC 8305), decided without a socket or a clock.
///
/// IPv6 has the first try, if its addresses are there at most 50 ms after IPv4's; then the families take turns, each address
/// beside those before it once they have had 250 ms, or as soon as one of them has failed.
struct AddressRace: Sendable {
    enum Step: Equatable, Sendable {
        case dial(SocketAddress)
        /// Then `rang`.
        case set(Alarm, Duration)
    }

    enum Alarm: Equatable, Sendable {
        /// The other family's name service has had its chance.
        case resolution
        /// The attempt of this number has.
        case attempt(Int)
    }

    private var queues: [SocketAddress.Family: [SocketAddress]] = [:]
    private var unresolved = Set(SocketAddress.Family.allCases)
    private var hasBegun = false
    /// Whether the next address is due, and has only to be known.
    private var isDue = false
    private var lastFamily: SocketAddress.Family?
    private var attempts = 0
    private var underWay = 0
    private var failure: WebSocketError?

    /// Why nothing more can come of it; nil as long as something may.
    var loss: WebSocketError? {
        unresolved.isEmpty && underWay == 0 && queues.values.allSatisfy(\.isEmpty) ? failure ?? .cancelled : nil
    }

    mutating func resolved(_ family: SocketAddress.Family, _ answer: Result<[SocketAddress], WebSocketError>) -> [Step]
    {
        unresolved.remove(family)
        switch answer {
        case .success(let addresses): queues[family] = addresses
        case .failure(let error): note(error)
        }
        if hasBegun { return isDue ? dialNext() : [] }
        // Addresses of the preferred family, or no hope for more of them.
        let isFound = queues[family]?.isEmpty == false
        if unresolved.isEmpty || (isFound && family == .v6) { return dialNext() }
        return isFound ? [.set(.resolution, .milliseconds(50))] : []
    }

    mutating func failed(_ error: WebSocketError) -> [Step] {
        underWay -= 1
        note(error)
        return dialNext()
    }

    mutating func rang(_ alarm: Alarm) -> [Step] {
        switch alarm {
        case .resolution: hasBegun ? [] : dialNext()
        // An attempt that has failed meanwhile was followed by the next one, which has its own time.
        case .attempt(let number): number == attempts ? dialNext() : []
        }
    }

    private mutating func dialNext() -> [Step] {
        hasBegun = true
        let turns: [SocketAddress.Family] = lastFamily == .v6 ? [.v4, .v6] : [.v6, .v4]
        guard let family = turns.first(where: { queues[$0]?.isEmpty == false }),
            let address = queues[family]?.removeFirst()
        else {
            isDue = true
            return []
        }
        isDue = false
        lastFamily = family
        attempts += 1
        underWay += 1
        return [.dial(address), .set(.attempt(attempts), .milliseconds(250))]
    }

    /// What a packet met says more than that there was no way for one, and either more than that a name had no address.
    private mutating func note(_ error: WebSocketError) {
        if failure.map({ $0.weight <= error.weight }) ?? true { failure = error }
    }
}

extension WebSocketError {
    fileprivate var weight: Int {
        switch self {
        case .resolution: 0
        case .unreachable(let error, _) where error.isOfRoutes: 1
        default: 2
        }
    }
}
