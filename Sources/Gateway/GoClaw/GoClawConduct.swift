import LinuxIO
import NodeCore
import NodeCrypto
import WebSocket

/// Our side of a GoClaw connection: we speak first, are let in, and stay so.
struct GoClawConduct: Sendable {
    typealias End = GoClawSession.End

    let node: GoClawSession.Node
    let transport: any Transport
    let openedAt: ContinuousClock.Instant
    let line: GoClawLine

    /// From the open socket to being let in or waiting for it (§6.3).
    private static let patience = Duration.seconds(20)

    var words: GoClawCondition { GoClawCondition(gateway: node.gateway, owner: node.owner) }

    /// Ends when there is nothing more that could be said; else with its task.
    func run() async -> End {
        var procedure = PairingProcedure(
            known, token: node.token, requestedAt: node.past.requestedAt, waiting: node.past.waiting,
            now: node.timekeeper.now)
        var told: PairingProcedure.Waiting?
        while !Task.isCancelled {
            let hint = line.hint
            let step = procedure.next(now: node.timekeeper.now, wallMs: WallClock.milliseconds)
            keep(procedure)
            switch step {
            case .connect(let credential):
                let left =
                    told == nil ? node.timekeeper.now.duration(to: openedAt + Self.patience) : GoClawLimits.connect
                let request = GoClawConnect(node.profile, node.identity, credential)
                let result = await call("connect", request, within: min(left, GoClawLimits.connect))
                if case .failure(.unanswered) = result {
                    return .unanswered("the gateway did not answer connect within \(GoClawLimits.connect)")
                }
                if case .failure(.connectionLost) = result { return await untilCancelled() }
                let verdict = procedure.answered(
                    GoClawAnswer(result), now: node.timekeeper.now, wallMs: WallClock.milliseconds,
                    jitter: .random(in: 0...1))
                keep(procedure)
                switch verdict {
                case .admitted(let hello):
                    confirm()
                    return await serve(hello, procedure)
                case .goOn: confirm()
                case .end(.mistaken) where line.isConfirmed: return .refused(.later(milliseconds: nil))
                case .end(.mistaken): return .refused(.mistaken)
                case .end(let ending):
                    confirm()
                    return .refused(ending)
                }
                line.wasRefused = procedure.isTokenRefused || procedure.waiting == .quota
            case .status(let sender):
                let result = await call("browser.pairing.status", PairingStatusParams(senderID: sender))
                procedure.told(
                    result.map { $0?["status"]?.string ?? "" }, now: node.timekeeper.now,
                    wallMs: WallClock.milliseconds, jitter: .random(in: 0...1))
            case .wait(let deadline):
                if let waiting = procedure.waiting {
                    let condition = words.waiting(waiting, isTokenRefused: procedure.isTokenRefused)
                    // The code first: who hears of the wait may want to show it.
                    if waiting != told { tell(waiting, condition) }
                    told = waiting
                    let pause = max(.zero, node.timekeeper.now.duration(to: deadline))
                    node.report(.waiting(condition, isApproval: true, retryIn: pause))
                }
                if await wait(until: deadline, or: hint) { procedure.hinted() }
            }
        }
        return .other
    }

    /// The gateway has answered as only those of this dialect do.
    private func confirm() {
        guard !line.isConfirmed else { return }
        line.isConfirmed = true
        node.report(.recognised(.goclaw))
    }

    private var known: GoClawMemory { node.memory.memory.goclaw ?? GoClawMemory() }

    private func keep(_ procedure: PairingProcedure) {
        node.past.requestedAt = procedure.requestedAt
        node.past.waiting = procedure.waiting
        guard procedure.memory != known else { return }
        node.memory.update { $0.goclaw = procedure.memory }
    }

    /// The reader meets the same end and says why.
    func untilCancelled() async -> End {
        try? await OneShot().fired()
        return .other
    }

    /// True when the hint came first. Cancelled, it returns at once.
    private func wait(until deadline: ContinuousClock.Instant, or hint: OneShot) async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                // Either throws when it is cancelled only, and that is the end of the wait as well.
                try? await node.timekeeper.sleep(until: deadline)
                return false
            }
            group.addTask {
                try? await hint.fired()
                return hint.hasFired
            }
            let isHinted = await group.next() ?? false
            group.cancelAll()
            return isHinted
        }
    }

    private func tell(_ waiting: PairingProcedure.Waiting, _ condition: Condition) {
        let device = node.identity.deviceID
        switch waiting {
        case .approval(let code):
            guard node.past.isNews(code) else { return }
            node.log.warning(
                "Waiting for approval", ["run": condition.remedy ?? "", "code": code, "device": device],
                id: .deviceApproval)
            node.report(.pairingCode(code))
        case .quota, .denied, .unheard:
            node.log.warning(
                "Waiting for approval", ["cause": condition.summary, "run": condition.remedy ?? "", "device": device],
                id: .deviceApproval)
        }
    }

    // MARK: Asking

    /// The response to a request of ours; `.unanswered` when there is none in time.
    func call(
        _ method: String, _ params: some Encodable & Sendable, within limit: Duration = GoClawLimits.call
    ) async -> CallTable.Outcome {
        let id = SecureRandom.uuid()
        let frame: [UInt8]
        do throws(JSONFailure) {
            frame = try JSON.encode(GoClawRequest(id: id, method: method, params: params))
        } catch { return .failure(GoClawFault("INTERNAL", "\(error)")) }
        line.calls.expect(id)
        defer { line.calls.forget(id) }
        return await withTaskGroup(of: CallTable.Outcome.self) { group in
            group.addTask {
                do throws(WebSocketError) { try await transport.send(.text(frame)) } catch {
                    return .failure(.connectionLost)
                }
                return await line.calls.outcome(of: id)
            }
            group.addTask {
                do { try await node.timekeeper.sleep(for: max(limit, .zero)) } catch {
                    return .failure(.connectionLost)
                }
                return .failure(.unanswered)
            }
            let first = await group.next() ?? .failure(.connectionLost)
            group.cancelAll()
            return first
        }
    }

    // MARK: Being let in

    private func serve(_ hello: GoClawHello, _ procedure: PairingProcedure) async -> End {
        transport.setMaxMessage(GoClawLimits.incoming)
        let registration = await register(hello)
        node.memory.update { known in
            known.dialect = .goclaw
            if let certificate = transport.pinnedCertificate { known.certificate = certificate }
        }
        line.readyAt = node.timekeeper.now
        node.log.info(
            "Connected",
            [
                "gateway": "\(node.gateway)", "server": hello.serverVersion, "protocol": "\(hello.protocolVersion)",
                "dialect": "goclaw", "role": hello.role.rawValue,
            ])
        // First, so that whoever sees the connection sees this too.
        tell(registration, hello.role)
        node.report(.connected(hello.hello))
        offerCrossing(registration)
        let isTokens = node.token != nil && !procedure.isTokenRefused
        return await withTaskGroup(of: End.self) { group in
            group.addTask { await beat(registration, hello.role) }
            group.addTask {
                await succeed(
                    Succession(
                        hello.role, hasToken: isTokens, askedAt: node.past.successorAskedAt, now: node.timekeeper.now))
            }
            let first = await group.next() ?? .other
            group.cancelAll()
            return first
        }
    }

    /// Sees to it that there is a pairing, and that it is followed by another in time.
    private func succeed(_ start: Succession) async -> End {
        var succession = start
        var last: Condition?
        while !Task.isCancelled {
            let hint = line.hint
            let now = node.timekeeper.now
            let wallMs = WallClock.milliseconds
            var memory = known
            let condition = words.succession(memory, wallMs: wallMs)
            if condition != last {
                node.report(condition.map { .raised($0) } ?? .cleared(conditionID: GoClawCondition.successionID))
                if let condition {
                    node.log.info("A pairing of its own waits for its approval", ["run": condition.remedy ?? ""])
                }
                last = condition
            }
            switch succession.next(memory, now: now, wallMs: wallMs) {
            case .ask:
                let params = PairingRequestParams(node.identity, wallMs: wallMs)
                node.past.successorAskedAt = now
                let code = (try? await call("device.pair.request", params).get())?["code"]?.string
                succession.asked(as: params.senderId, code, &memory, now: node.timekeeper.now, wallMs: wallMs)
            case .status(let sender):
                let result = await call("browser.pairing.status", PairingStatusParams(senderID: sender))
                succession.told(
                    (try? result.get())?["status"]?.string, &memory, now: node.timekeeper.now, wallMs: wallMs)
            case .wait(let deadline):
                if await wait(until: deadline, or: hint) { succession.hinted(now: node.timekeeper.now) }
            }
            if memory != known { node.memory.update { $0.goclaw = memory } }
        }
        return .other
    }
}

extension GoClawFault {
    /// None of the gateway's codes.
    fileprivate static let unanswered = GoClawFault("AGENT_TIMEOUT", "no answer in time")
}
