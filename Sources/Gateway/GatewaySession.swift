import LinuxIO
import NodeCore
import NodeCrypto
import Synchronization
import WebSocket

/// One connection from `hello-ok` to its end: takes in what the gateway sends, and notices when it sends nothing.
struct GatewaySession: Sendable {
    let transport: any Transport
    let hello: Hello
    let nodeID: String
    let table: InvocationTable
    let timekeeper: any Timekeeper
    /// Fires when no more invocations are to be taken in.
    let stopping: OneShot
    let bell: WakeBell
    let log: Log
    /// Told at each of the gateway's events that is nothing else, as a tick is: it lives.
    let wasTicked: @Sendable () -> Void
    /// Told of each invocation's command: the gateway has let it through.
    let wasServed: @Sendable (String) -> Void
    var bulletins: [Bulletin] = []

    private enum End: Sendable {
        case lost(WebSocketError)
        case closedByPeer
        case silent
        case dead(since: Wake)
        case drained
        case other
    }

    /// Returns when the connection has ended or `stopping` has fired and everything under way is answered.
    func run() async -> Disconnect {
        let began = timekeeper.now
        let sink = ResultSink(
            transport: transport, nodeID: nodeID, maxPayload: hello.maxPayload,
            retriesUnbegun: hello.protocolVersion >= 4)
        let heard = Heard(TickWatchdog(interval: hello.tickInterval, now: began))

        let end = await withTaskGroup(of: End.self) { group in
            group.addTask { await read(sink, heard) }
            group.addTask { await watch(heard) }
            group.addTask { await doubt(heard) }
            if hello.takesProgress { group.addTask { await tellOfLong(sink) } }
            if hello.takesBulletins { for bulletin in bulletins { group.addTask { await tell(bulletin, heard) } } }
            group.addTask {
                do {
                    try await stopping.fired()
                    try await table.drained()
                    return .drained
                } catch { return .other }
            }
            let first = await group.next() ?? .other
            group.cancelAll()
            return first
        }
        await table.abandon(sink.closed)

        let served = began.duration(to: timekeeper.now)
        switch end {
        case .drained, .other:
            await transport.close(.goingAway, reason: "node stopping")
            return Disconnect(.stopping, served: served)
        case .silent:
            await transport.close(.tickTimeout, reason: "tick timeout")
            return Disconnect(.silent, served: served)
        case .dead(let wake):
            await transport.close(.tickTimeout, reason: "no answer")
            return Disconnect(.dead(since: wake), served: served)
        case .lost(let error):
            // Over already, but never to be left to chance: gateways go by the end of a node's older connection (§9.1).
            await transport.close(.normal, reason: "")
            return Disconnect(.transport(error), served: served)
        case .closedByPeer:
            let frame = transport.closeFrame ?? (.noStatus, "")
            let cause = Disconnect.Cause.closed(frame.code, reason: frame.reason)
            let hint = heard.restart.withLock { $0 }
            return Disconnect(cause, retry: hint.map { .after($0) } ?? .backoff, served: served)
        }
    }

    /// What the reader knows and others look at.
    private final class Heard: Sendable {
        let watchdog: Mutex<TickWatchdog>
        /// Fires with the next event that is none of ours: with a tick, above all.
        let tick = Mutex(OneShot())
        /// When the gateway expects to be back, once it has said that it goes.
        let restart = Mutex<Duration?>(nil)
        let bulletins = Mutex(BulletinBoard())

        init(_ watchdog: TickWatchdog) {
            self.watchdog = Mutex(watchdog)
        }
    }

    private func read(_ sink: ResultSink, _ heard: Heard) async -> End {
        while true {
            let message: WebSocketMessage?
            do throws(WebSocketError) { message = try await transport.receive() } catch {
                return error == .cancelled ? .other : .lost(error)
            }
            guard let message else { return .closedByPeer }
            do throws(JSONFailure) {
                let frame = try IncomingFrame(message.bytes)
                heard.watchdog.withLock { $0.heard(at: timekeeper.now) }
                // In another shape than theirs, but meant for us.
                if frame.isForeign, await takePushed(message.bytes, beside: sink) { continue }
                await take(frame, sink, heard)
            } catch {
                if await takePushed(message.bytes, beside: sink) { continue }
                log.debug("Frame ignored", ["bytes": "\(message.bytes.count)", "reason": "\(error)"])
            }
        }
    }

    private func take(_ frame: IncomingFrame, _ sink: ResultSink, _ heard: Heard) async {
        switch frame {
        case .invoke(let invocation):
            guard invocation.nodeID == nodeID, let request = invocation.bounded else {
                return log.debug("Invocation ignored: it has no proper id or command, or is for another node")
            }
            wasServed(request.command)
            await table.take(request, from: sink, isStopping: stopping.hasFired)
            // Cancelled, the session is over, and the next read says so.
            try? await table.hasRoom()
        case .cancel(let id):
            // Nothing with another id is ever taken, and the id may be kept.
            if IncomingFrame.InvokeRequest.idLengths.contains(id.utf8.count) { await table.cancel(id) }
        case .input: log.debug("Input to an invocation was ignored: no command takes any")
        case .shutdown(let expected):
            // What a gateway expects of itself is believed within reason.
            heard.restart.withLock { $0 = .milliseconds(min(max(expected ?? 1_000, 0), 10_000)) }
        case .response(let response):
            if heard.bulletins.withLock({ $0.take(response) }) {
                return log.debug("The gateway has no use for what it was told")
            }
            guard !response.ok else { return }
            // What a gateway does not want told once is not told again (§6.4).
            if await table.wasProgress(response.id) { sink.progressRefused.fire() }
            log.debug("The gateway refused a request", ["reason": response.refusal?.message ?? ""])
        case .challenge: log.debug("A second challenge was ignored")
        case .otherEvent(let name):
            heard.tick.withLock { tick in
                defer { tick = OneShot() }
                return tick
            }.fire()
            wasTicked()
            log.debug("Event ignored", ["event": name])
        }
    }

    /// Signs of life for those who wait for what takes long: they reset the time after which gateways call it idle.
    private func tellOfLong(_ sink: ResultSink) async -> End {
        do {
            while !sink.progressRefused.hasFired {
                try await table.isBusy()
                try await timekeeper.sleep(for: InvocationTable.heartbeat)
                await table.tellOfLong(to: sink)
            }
            try await OneShot().fired()
            return .other
        } catch { return .other }
    }

    private func tell(_ bulletin: Bulletin, _ heard: Heard) async -> End {
        do {
            var isFirst = true
            while true {
                if let payload = await bulletin.payload(isFirst) {
                    let id = SecureRandom.uuid()
                    heard.bulletins.withLock { $0.sent(bulletin.event, as: id) }
                    // When it fails, the reader meets the same end and says why.
                    try? await transport.send(.text(bulletin.frame(id, payload)))
                    isFirst = false
                }
                try await timekeeper.sleep(for: bulletin.interval)
                guard heard.bulletins.withLock({ $0.isUnwanted(bulletin.event) }) else { continue }
                try await timekeeper.sleep(for: BulletinBoard.pause)
                isFirst = true
            }
        } catch { return .other }
    }

    private func watch(_ heard: Heard) async -> End {
        while true {
            // Taken first: a tick that comes in between ends the wait below at once.
            let tick = heard.tick.withLock { $0 }
            let next = heard.watchdog.withLock { watchdog in
                watchdog.progressed(to: transport.bytesUnderWay, at: timekeeper.now)
                return watchdog.nextLook(at: timekeeper.now)
            }
            guard let next else { return .silent }
            do {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await timekeeper.sleep(until: next) }
                    // The deadline moves with each tick; left to pass, it would wake an idle machine between two of them.
                    group.addTask { try await tick.fired() }
                    try await group.next()
                    group.cancelAll()
                }
            } catch { return .other }
        }
    }

    private func doubt(_ heard: Heard) async -> End {
        let proof = LifeProof(transport: transport, bell: bell, timekeeper: timekeeper) {
            heard.watchdog.withLock { $0 }
        }
        return switch await proof.run() {
        case .dead(let wake): .dead(since: wake)
        case .lost(let error): .lost(error)
        case .cancelled: .other
        }
    }
}
