import Gateway
import Glibc
import LinuxIO
import NodeCore
import Worker

/// Keeps `status.json` true, never more than half a second behind.
package actor StatusKeeper {
    private let path: String
    private let timekeeper: any Timekeeper
    private let log: Log
    private let manager: ServiceManager?
    private var status: NodeStatus
    private let events: AsyncStream<LinkEvent>
    private let event: AsyncStream<LinkEvent>.Continuation
    private let changes: AsyncStream<Void>
    private let change: AsyncStream<Void>.Continuation

    private var told = Told()
    /// For systemd, which may be too busy to be told of each.
    private let written = AsyncStream.makeStream(of: NodeStatus.self, bufferingPolicy: .bufferingNewest(1))

    /// Between the wall clock, by which the status tells times, and the one that never jumps.
    private var clockOffset: Duration

    private var isPausing = false

    /// The reason for not being connected; everything else in the status's list stays when it goes.
    private var linkCondition: String?

    /// Writes the first status, so that a directory that cannot be written stops the start and not the daemon.
    package init(
        directory: String, deviceID: String, manager: ServiceManager? = nil, timekeeper: any Timekeeper, log: Log
    ) throws(StateError) {
        path = directory + "/" + NodeStatus.fileName
        self.timekeeper = timekeeper
        self.log = log
        self.manager = manager
        status = NodeStatus(pid: Int(getpid()), deviceId: deviceID, startedAtMs: WallClock.milliseconds)
        status.approvals = NodeStatus.Approvals()
        status.invocations.outcomes = [:]
        clockOffset = Self.clockOffset(by: timekeeper)
        (events, event) = AsyncStream.makeStream(of: LinkEvent.self)
        (changes, change) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        do throws(Errno) { try StateFile.makeDirectory(directory) } catch { throw .unwritable(path: directory, error) }
        if let failure = Self.write(status, path) { throw .unwritable(path: path, failure) }
    }

    private static func clockOffset(by timekeeper: any Timekeeper) -> Duration {
        .milliseconds(WallClock.milliseconds) - anyInstant.duration(to: timekeeper.now)
    }

    private static let anyInstant = ContinuousClock.now

    private static func write(_ status: NodeStatus, _ path: String) -> Errno? {
        do {
            // Others may look: it holds nothing that is not in the log.
            let text = try JSON.encodePretty(status)
            do throws(Errno) { try StateFile.write(path, text, mode: 0o644, durable: false) } catch {
                guard error == Errno(ENOENT), let end = path.lastIndex(of: "/") else { throw error }
                // Runtime directories go when their user logs out, and come back empty.
                try StateFile.makeDirectory(String(path[..<end]))
                try StateFile.write(path, text, mode: 0o644, durable: false)
            }
            return nil
        } catch let error as Errno { return error } catch { return Errno(EINVAL) }
    }

    /// Takes note of what the link tells, which does not wait for it.
    package nonisolated func post(_ event: LinkEvent) {
        self.event.yield(event)
    }

    package nonisolated func workersChanged() {
        change.yield()
    }

    /// Writes until cancelled, then a last time. `workers` are asked how they are each time.
    package nonisolated func run(
        watching workers: @escaping @Sendable () -> [WorkerHost], _ sessions: SessionWorkers? = nil
    ) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { for await event in self.events { await self.take(event) } }
            group.addTask { await self.write(workers, sessions) }
            if let manager { group.addTask { await self.keepTelling(manager) } }
        }
        await writeLast()
    }

    private func writeLast() {
        guard !isPausing else { return }
        status.state = .stopping
        // Nobody reads the status of a daemon that does not run; this is for those who look meanwhile.
        _ = Self.write(status, path)
        guard let manager, !told.isStopping else { return }
        manager.mention(["STATUS": status.summary])
        manager.mention(["STOPPING": "1"])
    }

    private func write(_ workers: @Sendable () -> [WorkerHost], _ sessions: SessionWorkers?) async {
        var hasFailed = false
        for await _ in changes {
            followWallClock()
            var snapshot = status
            snapshot.workers = []
            let owner = NodeOwner(ofStateAt: path)
            for worker in workers() {
                snapshot.workers.append(await worker.status)
                snapshot.conditions += await worker.conditions.map(owner.addressed)
            }
            snapshot.sessions = await sessions?.status
            snapshot.conditions += await sessions?.conditions ?? []
            let failure = await onOwnThread("status") { [path, snapshot] in Self.write(snapshot, path) }
            if let failure, !hasFailed {
                log.warning("Status cannot be written", ["path": path, "reason": "\(failure)"], id: .statusUnwritten)
            }
            hasFailed = failure != nil
            written.continuation.yield(snapshot)
            // A thousand invocations a second are not worth a thousand files.
            try? await timekeeper.sleep(for: .milliseconds(500))  // cancelled: the loop ends by itself
        }
    }

    /// A board without a battery wakes up in 1970, and what happened then was a moment ago.
    private func followWallClock() {
        let offset = Self.clockOffset(by: timekeeper)
        let jump = offset - clockOffset
        guard jump < .seconds(-1) || jump > .seconds(1) else { return }
        status.shift(by: Int(jump / .milliseconds(1)))
        clockOffset = offset
    }

    private struct Told: Equatable {
        var isReady = false
        var isStopping = false
        var summary: String?
    }

    /// The file does not wait for it.
    private func keepTelling(_ manager: ServiceManager) async {
        var hasFailed = false
        for await status in written.stream {
            do throws(Errno) {
                try await tell(manager, status)
                hasFailed = false
            } catch {
                if !hasFailed { log.warning("systemd cannot be told of the status", ["reason": "\(error)"]) }
                hasFailed = true
            }
        }
    }

    /// Tells what is worst when that has changed, and that the daemon is ready once it knows how it stands: connected, or why
    /// not. A new attempt is no news; the reason for it stays what it was.
    private func tell(_ manager: ServiceManager, _ status: NodeStatus) async throws(Errno) {
        let isKnown = status.state != .starting && status.state != .connecting
        let news = Told(
            isReady: isKnown || told.isReady, isStopping: status.state == .stopping, summary: status.summary)
        guard news != told, isKnown || told.summary == nil else { return }
        try await manager.tell(["STATUS": status.summary])
        if news.isReady && !told.isReady { try await manager.tell(["READY": "1"]) }
        if news.isStopping { try await manager.tell(["STOPPING": "1"]) }
        // What nobody waited for may not have been told.
        if !Task.isCancelled { told = news }
    }

    package func joined(_ gateway: GatewayEndpoint, caps: [String], commands: [String]) {
        status.gateway = NodeStatus.GatewayStatus(url: gateway.description)
        status.declared = NodeStatus.Declared(caps: caps, commands: commands)
        setLinkCondition(nil)
        touch()
    }

    /// The daemon goes on, and another keeper with it: nobody is told of an end.
    package func pausing() {
        isPausing = true
    }

    package func stopping() {
        isPausing = false
        status.state = .stopping
        touch()
    }

    package func notJoined(_ reason: Condition) {
        status.state = .notJoined
        setLinkCondition(reason)
        touch()
    }

    private func take(_ event: LinkEvent) {
        switch event {
        case .connecting:
            if status.state == .starting || status.state == .connected || status.state == .notJoined {
                status.state = .connecting
            }
            status.connectedAtMs = nil
        case .reached(let endpoint):
            let isPreferred = status.gateway?.url == endpoint.description
            status.gateway?.via = isPreferred ? nil : endpoint.description
        case .connected(let hello):
            // One that served before is served again.
            status.reconnects = (status.reconnects ?? -1) + 1
            status.state = .connected
            status.gateway?.serverVersion = hello.serverVersion
            status.gateway?.protocolVersion = hello.protocolVersion
            status.gateway?.dialect = hello.dialect.rawValue
            status.connectedAtMs = WallClock.milliseconds
            status.retryAtMs = nil
            setLinkCondition(nil)
            let isServed = !status.conditions.contains { $0.id == GatewayLink.surfaceApprovalID }
            status.approvals = NodeStatus.Approvals(device: .approved, surface: isServed ? .approved : .unknown)
        case .waiting(let condition, let isApproval, let retryIn):
            status.state = isApproval ? .approval : .waiting
            status.connectedAtMs = nil
            status.retryAtMs = WallClock.milliseconds + Int(retryIn / .milliseconds(1))
            setLinkCondition(condition)
            if isApproval { status.approvals?.device = .waiting }
            if condition.id == "pairing-rejected" { status.approvals?.device = .rejected }
        case .raised(let condition):
            status.conditions.removeAll { $0.id == condition.id }
            status.conditions.append(condition)
        case .cleared(let id):
            status.conditions.removeAll { $0.id == id }
            if id == GatewayLink.surfaceApprovalID { status.approvals?.surface = .approved }
        case .recognised(let dialect): status.gateway?.dialect = dialect.rawValue
        case .ticked, .pairingCode: return
        case .invoked(let record): return count(record)
        case .stopped: status.state = .stopping
        }
        touch()
    }

    private func setLinkCondition(_ condition: Condition?) {
        status.conditions.removeAll { $0.id == linkCondition }
        linkCondition = condition?.id
        if let condition { status.conditions.append(condition) }
    }

    private func count(_ record: InvocationRecord) {
        status.invocations.total += 1
        if record.outcome != "ok" { status.invocations.refused += 1 }
        status.invocations.outcomes = (status.invocations.outcomes ?? [:]).merging(
            [record.outcome: 1], uniquingKeysWith: +)
        remember(asked: record.command)
        let entry = NodeStatus.Invocation(
            atMs: WallClock.milliseconds, command: record.command, outcome: record.outcome,
            durationMs: (record.duration / .microseconds(1)).rounded() / 1000, bytes: record.bytes)
        status.invocations.recent.remember(entry)
        if let family = Family.named(forCommand: record.command), family.isPausable {
            var usage = NodeStatus.Usage(capability: family.name)
            let index = status.usage.firstIndex { $0.capability == family.name }
            if let index { usage = status.usage.remove(at: index) }
            usage.count += 1
            usage.bytes += record.bytes ?? 0
            usage.recent.remember(entry)
            status.usage.insert(usage, at: index ?? status.usage.endIndex)
        }
        touch()
    }

    /// In the order in which they are declared.
    private func remember(asked command: String) {
        let asked = status.declared.asked ?? []
        guard !asked.contains(command) else { return }
        status.declared.asked = status.declared.commands.filter { asked.contains($0) || $0 == command }
    }

    private func touch() {
        change.yield()
    }
}

extension [NodeStatus.Invocation] {
    fileprivate mutating func remember(_ entry: NodeStatus.Invocation) {
        insert(entry, at: 0)
        if count > 10 { removeLast() }
    }
}
