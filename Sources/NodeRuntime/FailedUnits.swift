import DBus

/// What systemd says has failed on this machine, whoever the node's owner is (org.freedesktop.systemd1(5)). Everybody may ask it.
struct FailedUnits: Sendable {
    /// More than these say nothing new.
    private static let most = 20

    private static let service = "org.freedesktop.systemd1"
    private static let path = "/org/freedesktop/systemd1"

    private let bus: SystemBus

    init(_ bus: SystemBus) {
        self.bus = bus
    }

    /// Sorted, the first twenty. Nil where there is no systemd, or it does not answer.
    func names() async -> [String]? {
        let names = await bus.ask { bus -> [String]? in
            let answer = try await bus.call(
                Self.service, Self.path, Self.service + ".Manager", "ListUnitsFiltered",
                [.array(of: "s", [.string("failed")])])
            return answer.first?.elements?.compactMap { $0.elements?.first?.text }
        }
        return (names ?? nil).map { Array($0.sorted().prefix(Self.most)) }
    }
}
