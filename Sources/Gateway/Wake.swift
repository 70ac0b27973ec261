import LinuxIO

/// Something after which a connection may be dead, and one that could not be made may come about.
package enum Wake: Equatable, Sendable {
    case network(NetworkNews)
    /// As whoever puts the machine to sleep says.
    case resumed
    case clocks(ClockJump)

    /// How long the machine slept, where that is known.
    var slept: Duration {
        if case .clocks(let jump) = self { return jump.slept }
        return .zero
    }

    /// A clock that is being kept is set by moments, and that says nothing.
    private static let moment = Duration.seconds(1)
    /// A time of day that is wrong by more than this was never set, or belongs to a machine that stood still without knowing.
    private static let muchTime = Duration.seconds(60)

    var isNews: Bool {
        guard case .clocks(let jump) = self else { return true }
        return jump.slept >= Self.moment || isOfTimeOfDay
    }

    /// Whether certificates that were not valid may be so now.
    var isOfTimeOfDay: Bool {
        guard case .clocks(let jump) = self else { return false }
        return jump.set > Self.muchTime || jump.set < .zero - Self.muchTime
    }
}

extension Wake: CustomStringConvertible {
    package var description: String {
        switch self {
        case .network(let news): "\(news)"
        case .resumed: "the machine has resumed"
        case .clocks(let jump) where jump.slept >= Self.moment:
            "the machine slept for \(Self.seconds(jump.slept))"
        case .clocks(let jump): "the time of day was set by \(Self.seconds(jump.set))"
        }
    }

    private static func seconds(_ duration: Duration) -> String { "\(Int((duration / .seconds(1)).rounded())) s" }
}
