import LinuxIO
import NodeCore
import Synchronization
import WebSocket

/// From nothing to `hello-ok`: dials and shakes hands, and is given up when that takes too long or we are to stop.
struct Greeting: Sendable {
    enum Outcome: Sendable {
        case welcome(Hello, any Transport)
        /// It waits for us to speak, as GoClaw gateways do; `early` is what it said meanwhile.
        case goclaw(any Transport, openedAt: ContinuousClock.Instant, early: [WebSocketMessage])
        /// It is none that we can serve. There is no connection any more.
        case foreign(ForeignFamily)
        /// There is no connection any more.
        case failed(Disconnect, Reaction.Trouble?)
    }

    /// From the open socket to the gateway's answer; as long as the gateways themselves wait (openclaw-gateway §1.3).
    static let patience = Duration.seconds(15)
    /// What is there for GoClaw's health is there at once; more would be missing to be let in.
    private static let healthPatience = Duration.seconds(5)

    let gateway: GatewayEndpoint
    let profile: NodeProfile
    let identity: DeviceIdentity
    let dial: GatewayLink.Dial
    let ask: GatewayLink.Ask
    let timekeeper: any Timekeeper
    let stopping: OneShot

    /// `search`: for which dialect the gateway is taken.
    func run(_ attempt: Reaction.Attempt, _ search: DialectSearch) async -> Outcome {
        let transport: any Transport
        switch await dialled(search.dialled) {
        case .success(let connection): transport = connection
        case .failure where isStopping: return .failed(Disconnect(.stopping), nil)
        case .failure(let error):
            return .failed(Disconnect(.transport(error), retry: error.isDistrust ? .rarely : .backoff), nil)
        }
        let openedAt = timekeeper.now
        let opening = Opening()
        switch await shakeHands(transport, attempt, opening, search) {
        case .welcome(let hello): return .welcome(hello, transport)
        case .goclaw: return .goclaw(transport, openedAt: openedAt, early: opening.early)
        case .foreign(let family):
            await transport.close(.normal, reason: "")
            return .foreign(family)
        case .refused(let refusal):
            await transport.close(.normal, reason: "")
            let reaction = Reaction(to: refusal, of: attempt)
            return .failed(Disconnect(.refused(refusal), retry: reaction.retry), reaction.trouble)
        case .failed(.stopping):
            await transport.close(.goingAway, reason: "node stopping")
            return .failed(Disconnect(.stopping), nil)
        case .failed(let cause):
            await transport.close(.policyViolation, reason: "connect failed")
            return .failed(Disconnect(cause), nil)
        }
    }

    private var isStopping: Bool { stopping.hasFired || Task.isCancelled }

    /// A connection that came about although we are to stop is handed out all the same, to be closed.
    private func dialled(_ dialect: Dialect?) async -> Result<any Transport, WebSocketError> {
        await withTaskGroup(of: Result<any Transport, WebSocketError>?.self) { group in
            group.addTask {
                do throws(WebSocketError) { return .success(try await dial(dialect)) } catch { return .failure(error) }
            }
            group.addTask {
                // Cancelled when there is a connection; either way there is nothing to tell.
                try? await stopping.fired()
                return nil
            }
            var result: Result<any Transport, WebSocketError>?
            for await next in group {
                result = result ?? next
                group.cancelAll()
            }
            return result ?? .failure(.cancelled)
        }
    }

    // MARK: The handshake

    private enum Answer: Sendable {
        case welcome(Hello)
        case goclaw
        case foreign(ForeignFamily)
        case refused(GatewayRefusal)
        case failed(Disconnect.Cause)
    }

    /// Who has the first word is decided once.
    private final class Opening: Sendable {
        private enum First {
            case open, theirs, ours
        }

        private let state = Mutex((first: First.open, early: [WebSocketMessage](), size: 0))
        private static let most = 64
        /// For all of them together, in bytes.
        private static let room = GatewayLink.maxMessageBeforeHello

        var early: [WebSocketMessage] { state.withLock { $0.early } }

        /// False when the wait for it is over.
        func greeted() -> Bool {
            state.withLock { state in
                if state.first == .open { state.first = .theirs }
                return state.first == .theirs
            }
        }

        /// False when the gateway has greeted us.
        func waitedEnough() -> Bool {
            state.withLock { state in
                if state.first == .open { state.first = .ours }
                return state.first == .ours
            }
        }

        func keep(_ message: WebSocketMessage) {
            state.withLock { state in
                guard state.early.count < Self.most, state.size + message.bytes.count <= Self.room else { return }
                state.early.append(message)
                state.size += message.bytes.count
            }
        }
    }

    private func shakeHands(
        _ transport: any Transport, _ attempt: Reaction.Attempt, _ opening: Opening, _ search: DialectSearch
    ) async -> Answer {
        let challengeWait = search.challengeWait
        // With nothing to wait for, nothing is read that another is to read.
        if challengeWait == .zero { return .goclaw }
        return await withTaskGroup(of: Answer?.self) { group in
            group.addTask { await converse(transport, attempt, opening) }
            if let challengeWait {
                group.addTask {
                    do { try await timekeeper.sleep(for: challengeWait) } catch { return nil }
                    if search.isOpen,
                        await Dialect(of: gateway, within: Self.healthPatience, ask: ask) == .openclaw
                    {
                        return nil
                    }
                    return opening.waitedEnough() ? .goclaw : nil
                }
            }
            group.addTask {
                do { try await timekeeper.sleep(for: Self.patience) } catch { return nil }
                return .failed(.handshake("the gateway did not complete the handshake within \(Self.patience)"))
            }
            group.addTask {
                do { try await stopping.fired() } catch { return nil }
                return .failed(.stopping)
            }
            var answer: Answer?
            for await next in group {
                // Nil: nothing for the others to stop at.
                guard let next else { continue }
                answer = answer ?? next
                group.cancelAll()
            }
            return answer ?? .failed(.stopping)
        }
    }

    private func converse(
        _ transport: any Transport, _ attempt: Reaction.Attempt, _ opening: Opening
    ) async -> Answer {
        var handshake = Handshake(
            profile: profile, identity: identity, attempt: attempt, wallClockMs: { WallClock.milliseconds })
        do {
            while let message = try await transport.receive() {
                switch try handshake.receive(message.bytes) {
                case .wait: opening.keep(message)
                case .send(let frame):
                    guard opening.greeted() else {
                        opening.keep(message)
                        continue
                    }
                    try await transport.send(.text(frame))
                case .goclaw: return .goclaw
                case .foreign(let family): return .foreign(family)
                case .welcome(let hello): return .welcome(hello)
                case .refused(let refusal): return .refused(refusal)
                }
            }
        } catch WebSocketError.cancelled {
            return .failed(.stopping)
        } catch let error as WebSocketError {
            return .failed(.transport(error))
        } catch {
            return .failed(.handshake("\(error)"))
        }
        let frame = transport.closeFrame ?? (.noStatus, "")
        // A close frame's reason is the fallback for an error that did not arrive (§1.4).
        switch frame.code {
        case .policyViolation, .protocolError, .messageTooBig:
            return .refused(GatewayRefusal(code: "CLOSED", message: frame.reason))
        default: return .failed(.closed(frame.code, reason: frame.reason))
        }
    }
}

extension Reaction {
    fileprivate var retry: Disconnect.Retry {
        switch self {
        case .retry: .backoff
        case .retryAfter(let milliseconds): .after(.milliseconds(milliseconds))
        case .retryNow: .now
        case .waitForApproval: .approval
        case .rarely: .rarely
        case .later(_, let milliseconds): .after(.milliseconds(milliseconds))
        }
    }

    fileprivate var trouble: Trouble? {
        switch self {
        case .rarely(let trouble), .later(let trouble, _): trouble
        default: nil
        }
    }
}
