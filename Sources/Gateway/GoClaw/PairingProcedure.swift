/// How a node gets into a GoClaw gateway (goclaw-gateway §3.7), decided without a socket: for one connection, from the first
/// `connect` on it to the one that lets us in.
///
/// A `connect` without a credential, or with one that is not honoured, takes one of the gateway's three places for those who
/// wait, for an hour. So it is sent once in twenty minutes at most, whatever becomes of the connections in between.
struct PairingProcedure: Sendable {
    enum Credential: Equatable, Sendable {
        case token(String, sender: String?)
        case sender(String)
        case nothing
    }

    enum Step: Equatable, Sendable {
        case connect(Credential)
        case status(of: String)
        case wait(until: ContinuousClock.Instant)
    }

    /// What an answer means.
    enum Verdict: Equatable, Sendable {
        case admitted(GoClawHello)
        /// Not yet: see `next`.
        case goOn
        /// Nothing that this connection can mend.
        case end(Ending)
    }

    enum Ending: Equatable, Sendable {
        /// It does not speak GoClaw.
        case mistaken
        /// Not now; the gateway may have said when.
        case later(milliseconds: Int?)
        /// The tenant is closed to us.
        case shutOut
    }

    /// What an operator is to be told while we wait.
    enum Waiting: Equatable, Sendable {
        case approval(code: String)
        /// All places are taken.
        case quota
        /// Denied, or nobody came for an hour.
        case denied
        /// It was asked for, and the connection went before the answer came.
        case unheard
    }

    static let poll = Duration.seconds(5)
    private static let slowPoll = Duration.seconds(15)
    private static let requestPause = Duration.seconds(20 * 60)
    private static let probes = (first: Duration.seconds(30), longest: Duration.seconds(600))
    /// Any token that is none: with one, a sender that is not paired yet is refused, and without one it would be taken for
    /// somebody new (§2.4).
    private static let noToken = "unpaired"

    private(set) var memory: GoClawMemory
    /// When a place was last asked for.
    private(set) var requestedAt: ContinuousClock.Instant?
    private(set) var isTokenRefused = false
    private(set) var waiting: Waiting?

    private let token: String?
    private var presented = Credential.nothing
    /// Whether this connection may ask how its pairing stands.
    private var mayAsk = false
    private var nextAt: ContinuousClock.Instant
    private var lastAsked: ContinuousClock.Instant?
    private var probe = probes.first

    /// `requestedAt` and `waiting`: as the connection before has left them.
    init(
        _ memory: GoClawMemory, token: String?, requestedAt: ContinuousClock.Instant?, waiting: Waiting? = nil,
        now: ContinuousClock.Instant
    ) {
        self.memory = memory
        self.token = token
        self.requestedAt = requestedAt
        self.waiting = waiting
        nextAt = now
    }

    mutating func next(now: ContinuousClock.Instant, wallMs: Int) -> Step {
        if let request = memory.request, !request.isAlive(at: wallMs) {
            memory.request = nil
            waiting = .denied
        }
        if let token, !isTokenRefused {
            return connect(.token(token, sender: memory.pairing?.senderId ?? memory.request?.senderId))
        }
        let mayRequest = requestedAt.map { now >= $0 + Self.requestPause } ?? true
        if let sender = memory.pairing?.senderId {
            guard mayRequest else { return connect(.token(Self.noToken, sender: sender)) }
            // Where it is not honoured any more, this takes a place, and the answer that says so may be lost.
            requestedAt = now
            return connect(.sender(sender))
        }
        if let request = memory.request {
            waiting = .approval(code: request.code)
            guard now >= nextAt else { return .wait(until: nextAt) }
            lastAsked = now
            if mayAsk { return .status(of: request.senderId) }
            return connect(.token(token ?? Self.noToken, sender: request.senderId))
        }
        guard mayRequest else {
            waiting = waiting ?? .unheard
            return .wait(until: requestedAt.map { $0 + Self.requestPause } ?? now)
        }
        requestedAt = now
        return connect(.nothing)
    }

    private mutating func connect(_ credential: Credential) -> Step {
        presented = credential
        return .connect(credential)
    }

    // MARK: Answers

    /// `jitter` is a number from 0 to 1.
    mutating func answered(
        _ answer: GoClawAnswer, now: ContinuousClock.Instant, wallMs: Int, jitter: Double
    ) -> Verdict {
        switch answer {
        case .admitted(let hello):
            if hello.role == .viewer, case .token = presented { return refused(now) }
            settle(wallMs)
            requestedAt = nil
            return .admitted(hello)
        case .pairing(let code, let sender):
            memory.pairing = nil
            memory.request = GoClawMemory.Request(senderId: sender, code: code, sinceMs: wallMs)
            requestedAt = now
            mayAsk = true
            waiting = .approval(code: code)
            pause(from: now, jitter)
            return .goOn
        case .refused(let fault):
            switch fault.code {
            case "UNAUTHORIZED", "NOT_PAIRED": return refused(now)
            case "TENANT_ACCESS_REVOKED", "FAILED_PRECONDITION": return .end(.shutOut)
            case "INVALID_REQUEST": return .end(.mistaken)
            default: return .end(.later(milliseconds: fault.retryAfterMs))
            }
        }
    }

    /// Let in by what was presented.
    private mutating func settle(_ wallMs: Int) {
        waiting = nil
        guard let sender = memory.request?.senderId else { return }
        switch presented {
        // With the owner's token nobody can say whether the pairing has been approved meanwhile.
        case .token(let token, sender: sender?) where token != Self.noToken && !isTokenRefused: return
        case .token(_, sender: sender?), .sender(sender): pair(sender, wallMs)
        default: return
        }
    }

    private mutating func pair(_ sender: String, _ wallMs: Int) {
        memory.pairing = GoClawMemory.Pairing(senderId: sender, pairedAtMs: wallMs)
        memory.request = nil
    }

    private mutating func refused(_ now: ContinuousClock.Instant) -> Verdict {
        switch presented {
        case .token(let presentedToken, let sender):
            if sender != nil, sender == memory.pairing?.senderId { memory.pairing = nil }
            if presentedToken == token, !isTokenRefused {
                isTokenRefused = true
                // The sender went with it, so there is no hurry.
                if sender == nil { return .goOn }
            }
            nextAt = now + probe
            probe = min(probe * 2, Self.probes.longest)
        case .sender, .nothing:
            // It has no place for somebody new.
            memory.pairing = nil
            requestedAt = now
            waiting = .quota
        }
        return .goOn
    }

    /// What `browser.pairing.status` has said.
    mutating func told(
        _ result: Result<String, GoClawFault>, now: ContinuousClock.Instant, wallMs: Int, jitter: Double
    ) {
        pause(from: now, jitter)
        switch result {
        case .success("approved"):
            guard let sender = memory.request?.senderId else { return }
            pair(sender, wallMs)
            // It may be presented at once, for it is honoured.
            requestedAt = nil
        case .success("expired"):
            memory.request = nil
            waiting = .denied
        case .success: break
        case .failure(let fault):
            if fault.code == "RESOURCE_EXHAUSTED" {
                nextAt = now + max(Self.slowPoll, .milliseconds(min(fault.retryAfterMs ?? 0, 600_000)))
            }
        }
    }

    /// Something was decided at the gateway, perhaps about us.
    mutating func hinted() {
        guard memory.request != nil, let lastAsked else { return }
        nextAt = min(nextAt, lastAsked + Self.poll)
    }

    private mutating func pause(from now: ContinuousClock.Instant, _ jitter: Double) {
        nextAt = now + Self.poll * (1 + 0.4 * jitter)
        lastAsked = now
    }
}
