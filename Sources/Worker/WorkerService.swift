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
    private let linger: Duration
    private let conditions: @Sendable () async -> [Condition]
    private let timekeeper: any Timekeeper
    private let log: Log
    private let giveUp: @Sendable () -> Void

    private var running: [Int: OneShot] = [:]
    private var lastFinished: ContinuousClock.Instant

    /// `linger` is how long it stays when there is nothing to do. `giveUp` ends the process when work cannot be stopped.
    package init(
        registry: CommandRegistry, socket: MessageSocket, linger: Duration, timekeeper: any Timekeeper, log: Log,
        conditions: @escaping @Sendable () async -> [Condition] = { [] },
        giveUp: @escaping @Sendable () -> Void = { _exit(70) }
    ) {
        self.registry = registry
        channel = WorkerChannel(socket)
        self.linger = linger
        self.conditions = conditions
        self.timekeeper = timekeeper
        self.log = log
        self.giveUp = giveUp
        lastFinished = timekeeper.now
    }

    /// Returns once the daemon has hung up and all work has stopped; work that does not stop is given up with the process.
    package nonisolated func run() async throws {
        try await channel.send(.hello(version: nodeVersion, conditions: await conditions()))
        await withDiscardingTaskGroup { group in
            group.addTask { await self.rest() }
            do {
                while let received = try await channel.receive() {
                    switch received.message {
                    case .invoke(let invoke):
                        let cancel = await self.begin(invoke)
                        group.addTask { await self.perform(invoke, received.text, cancel) }
                    case .cancel(let id): await self.cancel(id)
                    case .hello, .reply, .resting: self.log.warning("The daemon spoke out of turn")
                    }
                }
            } catch {
                self.log.error("The channel to the daemon failed", ["cause": "\(error)"])
            }
            let left = await self.cancelAll()
            for id in left { group.addTask { await self.guardEnd(of: id) } }
            await self.allDone()
            group.cancelAll()
        }
    }

    private func begin(_ invoke: WorkerMessage.Invoke) -> OneShot {
        let cancel = OneShot()
        running[invoke.id] = cancel
        return cancel
    }

    private nonisolated func perform(_ invoke: WorkerMessage.Invoke, _ params: [UInt8]?, _ cancel: OneShot) async {
        let invocation = Invocation(
            id: "\(invoke.id)", command: CommandName(invoke.command), params: params,
            deadline: invoke.budgetMs.map { timekeeper.now + .milliseconds($0) }, payloadLimit: invoke.payloadLimit)
        await withTaskGroup(of: Void.self) { group in
            let answered = OneShot()
            group.addTask {
                await self.registry.perform(
                    invocation, timekeeper: self.timekeeper, log: self.log, cancel: cancel
                ) { reply in
                    // Without anybody to hear it there is nothing more to do with a reply.
                    try? await self.channel.send(reply, id: invoke.id)
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

    /// Ends the process when the invocation still runs after the time of grace.
    private func guardEnd(of id: Int) async {
        guard (try? await timekeeper.sleep(for: Self.grace)) != nil, running[id] != nil else { return }  // it has ended
        log.error("Work cannot be stopped; the worker ends itself", ["id": "\(id)"])
        giveUp()
    }

    private func cancel(_ id: Int) {
        running[id]?.fire()
    }

    private func cancelAll() -> [Int] {
        for cancel in running.values { cancel.fire() }
        return Array(running.keys)
    }

    private var idle = OneShot()

    private func finished(_ id: Int) {
        running[id] = nil
        lastFinished = timekeeper.now
        if running.isEmpty { idle.fire() }
    }

    private func allDone() async {
        while !running.isEmpty {
            idle = OneShot()
            guard (try? await idle.fired()) != nil else { return }  // cancelled: the process is going anyway
        }
    }

    /// Offers to go, whenever there has been nothing to do for a while.
    private func rest() async {
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
