import WebSocket

/// Which dialect a gateway speaks, and where it listens, as far as it shows before anything is sent (goclaw-gateway §6.3).
///
/// To speak the wrong one first is not free: a GoClaw gateway takes an OpenClaw `connect` for somebody new, and gives it
/// one of its three places for those who wait to be paired. So the one who greets is waited for.
struct DialectSearch: Equatable, Sendable {
    /// The path on which GoClaw gateways listen.
    static let path = "/ws"

    private static let fewFlips = 2
    private static let flipPeriod = Duration.seconds(3600)

    let setting: DialectSetting
    private let configuredPath: String
    /// What was last spoken with success.
    private(set) var known: Dialect?
    /// Whether this cycle has been refused at the configured path, and looks elsewhere.
    private var isElsewhere = false
    private var hasFlipped = false
    private var flips: [ContinuousClock.Instant] = []
    private var silences = 0
    /// Whether its health spoke of an OpenClaw gateway, and none greeted us: it may be that of a server before it.
    private var isHealthDoubted = false

    init(_ setting: DialectSetting, path: String, known: Dialect?) {
        self.setting = setting
        configuredPath = path
        self.known = known
    }

    var isGoClaw: Bool { (setting.fixed ?? known) == .goclaw }

    private var hasNoPath: Bool { configuredPath.isEmpty || configuredPath == "/" }

    /// Whose path is to be dialled, where the URL names none.
    var dialled: Dialect? { isGoClaw || isElsewhere ? .goclaw : nil }

    /// How long the gateway may take to greet us as OpenClaw does, before it is spoken to as GoClaw is; nil where it is
    /// OpenClaw, or nothing.
    var challengeWait: Duration? {
        switch setting {
        case .openclaw: return nil
        case .goclaw: return .zero
        case .auto: break
        }
        switch known {
        // Falling back too early would cost more than waiting does.
        case .openclaw: return nil
        case .goclaw: return .milliseconds(750)
        case nil: return .milliseconds(isElsewhere || configuredPath.hasSuffix(Self.path) ? 750 : 2_000)
        }
    }

    /// Whether a gateway that lets that pass is asked for its health before it is spoken to: that tells which it is, and costs
    /// nothing.
    var isOpen: Bool { setting == .auto && known == nil && !isHealthDoubted }

    // MARK: What happens

    /// A new cycle: whatever was tried in the last one may be tried again.
    mutating func begin() {
        isElsewhere = false
        hasFlipped = false
    }

    /// The server is there, but not at this path; true when the other one is to be tried at once.
    mutating func refused(status: Int) -> Bool {
        guard setting != .openclaw, hasNoPath, !isElsewhere, !isGoClaw, [200, 400, 404, 426].contains(status)
        else { return false }
        guard known != .openclaw else {
            silent()
            return false
        }
        isElsewhere = true
        return true
    }

    /// The dialect has shown to be `dialect`, which is remembered.
    mutating func confirmed(_ dialect: Dialect) {
        known = dialect
        silences = 0
        isHealthDoubted = false
    }

    /// What we spoke is not what the gateway speaks: true when the other is to be tried at once. Not more than once a cycle
    /// and twice an hour, or two gateways behind one name would be asked without end.
    mutating func mistaken(at now: ContinuousClock.Instant) -> Bool {
        guard setting == .auto else { return false }
        flips.removeAll { now - $0 >= Self.flipPeriod }
        guard !hasFlipped, flips.count < Self.fewFlips else { return false }
        flips.append(now)
        hasFlipped = true
        known = isGoClaw || known == nil ? .openclaw : .goclaw
        return true
    }

    /// A gateway that was OpenClaw has said nothing for as long as it may take, or is not there. The second time, it may be
    /// another one.
    mutating func silent() {
        guard setting == .auto else { return }
        if known == nil { isHealthDoubted = true }
        guard known == .openclaw else { return }
        silences += 1
        if silences >= 2 { (known, silences) = (nil, 0) }
    }
}
