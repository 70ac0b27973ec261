import Glibc
import LinuxIO
import NodeCore

/// A worker's side of its channel: serves a registry to one daemon, and ends with the conversation.
package actor WorkerService: Service {
    /// Where a worker finds its connected socket, whoever started it.
    package static let descriptor: CInt = 3
    /// How long work may go on after nobody waits for it any more.
    private static let grace = Duration.seconds(2)

    private let registry: CommandRegistry
    private let channel: WorkerChannel
    private let linger: Duration?
    private let timekeeper: any Timekeeper
    private let log: Log
    private let conditions: AsyncStream<ConditionChange>?
    private let giveUp: @Sendable () -> Void
    private let stopping = OneShot()

    private var running: [Int: OneShot] = [:]
    private var isIdle = OneShot()
    private var lastFinished: ContinuousClock.Instant

    /// `linger` is how long it stays when there is nothing to do, nil for as long as it may. The daemon is told of `conditions`. `giveUp` ends the process
    /// when work cannot be stopped.
    package init(
        registry: CommandRegistry, socket: MessageSocket, linger: Duration? = .seconds(10), timekeeper: any Timekeeper,
        log: Log, conditions: AsyncStream<ConditionChange>? = nil,
        giveUp: @escaping @Sendable () -> Void = { _exit(70) }
    ) {
        self.registry = registry
        channel = WorkerChannel(socket)
        self.linger = linger
        self.timekeeper = timekeeper
        self.log = log
        self.conditions = conditions
        self.giveUp = giveUp
        lastFinished = timekeeper.now
    }

    /// Returns once the daemon has hung up and all work has stopped, having answered all that it has begun; the daemon
    /// relies on that. Work that does not stop is given up with the process. To end it otherwise, `stop()`.
    package nonisolated func run() async throws {
        // A daemon that is gone already has hung up, which the loop below sees.
        try? await channel.send(.hello(version: nodeVersion, pid: Int(getpid())))
        await withDiscardingTaskGroup { group in
            group.addTask { await self.rest() }
            if let conditions = self.conditions { group.addTask { await self.tell(conditions) } }
            do {
                while let received = try await channel.receive() {
                    switch received.message {
                    case .invoke(let invoke):
                        // Of a daemon that cannot be told, it may be given to another worker.
                        guard (try? await channel.send(.begun(id: invoke.id))) != nil else { continue }
                        let cancel = await self.begin(invoke)
                        group.addTask { await self.perform(invoke, received.text, cancel) }
                    case .cancel(let id): await self.cancel(id)
                    case .hello, .begun, .reply, .resting, .condition: self.log.warning("The daemon spoke out of turn")
                    }
                }
            } catch {
                self.log.error("The channel to the daemon failed", ["cause": "\(error)"])
            }
            if !self.stopping.hasFired { await self.cancelAll() }
            group.addTask { await self.guardEnd(of: nil) }
            await self.allDone()
            group.cancelAll()
        }
    }

    /// Takes no new work, finishes within two seconds what it has, or not at all, and ends.
    package nonisolated func stop() {
        stopping.fire()
        channel.shutdownReading()
    }

    // MARK: Invocations

    private func begin(_ invoke: WorkerMessage.Invoke) -> OneShot {
        let cancel = OneShot()
        running[invoke.id] = cancel
        return cancel
    }

    private nonisolated func perform(_ invoke: WorkerMessage.Invoke, _ params: [UInt8]?, _ cancel: OneShot) async {
        let invocation = Invocation(
            id: "\(invoke.id)", command: CommandName(invoke.command), params: params,
            deadline: invoke.budgetMs.map { timekeeper.now + .milliseconds($0) }, payloadLimit: invoke.payloadLimit,
            capabilities: Set(invoke.capabilities))
        await withTaskGroup(of: Void.self) { group in
            let answered = OneShot()
            group.addTask {
                await self.registry.perform(
                    invocation, timekeeper: self.timekeeper, log: self.log, cancel: cancel
                ) { reply in
                    await self.answer(reply, to: invoke.id)
                    answered.fire()
                }
                await self.finished(invoke.id)
            }
            group.addTask {
                // Whatever answered, the work has to be over soon after.
                guard (try? await answered.fired()) != nil else { return }  // cancelled: the work was over first
                await self.guardEnd(of: invoke.id)
            }
            await group.next()
            group.cancelAll()
        }
    }

    private nonisolated func answer(_ reply: Reply, to id: Int) async {
        do { try await channel.send(reply, id: id) } catch {
            // Without anybody to hear it there is nothing more to do with a reply; but a lack of memory can be told.
            log.debug("Reply not sent", ["id": "\(id)", "cause": "\(error)"])
            try? await channel.send(
                .refused(Refusal(.unavailable, "the reply could not be handed over: \(error)")), id: id)
        }
    }

    private func cancel(_ id: Int) {
        running[id]?.fire()
    }

    private func cancelAll() {
        for cancel in running.values { cancel.fire() }
    }

    private func finished(_ id: Int) {
        running[id] = nil
        lastFinished = timekeeper.now
        if running.isEmpty { isIdle.fire() }
    }

    // MARK: The end

    /// Ends the process when that invocation, or any for nil, still runs after the time of grace.
    private func guardEnd(of id: Int?) async {
        guard (try? await timekeeper.sleep(for: Self.grace)) != nil else { return }  // cancelled: it has ended
        let left = id.map { running[$0] == nil ? 0 : 1 } ?? running.count
        guard left > 0 else { return }
        log.error("Work cannot be stopped; the worker ends itself", ["running": "\(left)"], id: .workStuck)
        giveUp()
    }

    private func allDone() async {
        while !running.isEmpty {
            isIdle = OneShot()
            guard (try? await isIdle.fired()) != nil else { return }  // cancelled: the process is going anyway
        }
    }

    private nonisolated func tell(_ conditions: AsyncStream<ConditionChange>) async {
        // A daemon that is gone has no status any more.
        for await change in conditions { try? await channel.send(.condition(change)) }
    }

    /// Offers to go, whenever there has been nothing to do for a while.
    private func rest() async {
        guard let linger else { return }
        // Cancelled, it has nothing to offer any more.
        while (try? await timekeeper.sleep(until: lastFinished + linger)) != nil {
            if !running.isEmpty {
                // What runs now ends some time; looking again after that is early enough.
                lastFinished = timekeeper.now
            } else if timekeeper.now >= lastFinished + linger {
                try? await channel.send(.resting)  // a daemon that is gone has hung up, which the reader sees
                lastFinished = timekeeper.now
            }
        }
    }
}
