import Glibc
import LinuxIO
import NodeCore

/// A worker process as the daemon sees it: started when it is first needed, replaced when it has ended, and never waited for.
package actor WorkerHost: Service {
    /// How long a worker with debts may say nothing at all. One that is well says at once that it has begun an invocation, and
    /// answers a cancelled one at once; but a board that swaps, or waits for its card, stands still for seconds.
    private static let patience = Duration.seconds(5)
    /// No invocation has this number.
    private static let greeting = 0
    /// After its channel has ended a worker has two seconds of its own to stop.
    private static let farewell = Duration.seconds(5)
    /// From the end of a dead process's socket to the end of the process.
    private static let exitTime = Duration.seconds(1)

    private let source: WorkerSource
    private let loop: EventLoop
    private let log: Log
    /// Fires when a worker has said hello for the first time.
    package nonisolated let greeted = OneShot()
    private let started = AsyncStream<WorkerProcess>.makeStream()
    private let indebted = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))

    private let changed: @Sendable () -> Void
    private var current: WorkerProcess?
    private var pid: Int? { didSet { changed() } }
    /// Whether the current one has said hello.
    private var isReady = false
    /// What comes for an id that is not there comes too late.
    private var attempts: [Int: Attempt] = [:]
    /// Those of them that no worker has begun.
    private var waiting: Set<Int> = []
    /// For invocations that are not begun, and for cancelled ones that are not answered.
    private var debts: [Int: Debt] = [:]
    /// When each worker has said something for the last time, at first when it was started; nil once it has ended.
    private var heard: [Int: ContinuousClock.Instant] = [:]
    private var faults: [Int: String] = [:]
    /// What each worker has raised.
    private var raised = RaisedConditions() { didSet { if raised != oldValue { changed() } } }
    private var restarts = RestartPolicy()
    private var lastID = 0
    private var lastWorker = 0
    private var isStopping = false

    /// `changed` is told when a worker has come or gone, or a condition of one; it does not wait.
    package init(
        _ source: WorkerSource, on loop: EventLoop, log: Log, changed: @escaping @Sendable () -> Void = {}
    ) {
        self.changed = changed
        self.source = source
        self.loop = loop
        self.log = log.with(["worker": source.name])
    }

    package var status: Status {
        Status(name: source.name, pid: pid, running: attempts.count - waiting.count, crashes: restarts.failures)
    }

    /// Of its workers: more than one there is only while one takes another's place.
    package var conditions: [Condition] { raised.all }

    /// Looks after the workers that `perform` starts, until cancelled; then hangs up on the last one, which ends it. Of a worker that has
    /// come by itself it returns when that has gone: there is no other.
    package nonisolated func run() async throws {
        await welcome()
        await withDiscardingTaskGroup { group in
            group.addTask { await self.collectDebts() }
            for await worker in started.stream { group.addTask { await self.attend(worker) } }
            await self.stop()
            group.cancelAll()
        }
        try Task.checkCancellation()
    }

    /// Ends the worker that there is, with whatever it holds; the next invocation gets a fresh one.
    package func dismiss() {
        hangUp(current)
    }

    /// Who has come by itself is there before anybody asks, and owes a greeting.
    private func welcome() {
        // It is the first time, and so it is there.
        guard source.isCaller, let worker = try? spawn() else { return }
        owe(Self.greeting, worker)
    }

    private func stop() {
        isStopping = true
        hangUp(current)
    }

    // MARK: Invocations

    /// Lets the worker do it. When the task is cancelled, the worker is told to stop, and nobody waits for that.
    package func perform(_ invocation: Invocation, _ context: InvocationContext) async -> Reply {
        var refusal = Refusal(.unavailable, "\(source.name) ends whenever it is asked; the node's log may say why")
        do {
            for _ in 0..<2 {
                switch try await attempt(invocation, context) {
                case .answered(let reply): return reply
                case .notBegun(let reason): refusal = reason ?? refusal
                }
            }
            return .refused(refusal)
        } catch let refusal as Refusal {
            return .refused(refusal)
        } catch is CancellationError {
            return .refused(.cancelled)
        } catch {
            return .refused(Refusal(.unavailable, "\(source.name) cannot be reached: \(error)"))
        }
    }

    private func attempt(_ invocation: Invocation, _ context: InvocationContext) async throws -> Attempt.Outcome {
        let worker = try current ?? spawn()
        lastID += 1
        let id = lastID
        let attempt = Attempt(with: worker.number)
        attempts[id] = attempt
        waiting.insert(id)
        defer { forget(id) }
        if isReady { owe(id, worker) }
        // The worker answers first, so that its own words reach the asker.
        let left = context.deadline.map { context.timekeeper.now.duration(to: $0) / .milliseconds(1) - 100 }
        do {
            try await worker.channel.send(invocation, id: id, budgetMs: left.map { max(1, Int($0)) })
        } catch {
            debts[id] = nil
            // The channel was closed while this waited for its turn.
            if error is CancellationError, !Task.isCancelled { return .notBegun(nil) }
            guard let error = error as? Errno, error.isPeerGone else { throw error }
            retire(worker)
            return .notBegun(nil)
        }
        do { return try await attempt.ended() } catch {
            await withdraw(id, worker)
            throw error
        }
    }

    private func forget(_ id: Int) {
        attempts[id] = nil
        waiting.remove(id)
    }

    private func withdraw(_ id: Int, _ worker: WorkerProcess) async {
        forget(id)
        // What it has not even begun is overdue earlier.
        if debts[id] == nil { owe(id, worker) }
        // A worker that cannot be told does not answer either, and that is noticed.
        try? await worker.channel.send(.cancel(id: id))
    }

    private func owe(_ id: Int, _ worker: WorkerProcess) {
        // Whoever has ended meanwhile owes nothing.
        guard heard[worker.number] != nil else { return }
        debts[id] = Debt(worker: worker, since: loop.now)
        indebted.continuation.yield()
    }

    private func due(_ debt: Debt) -> ContinuousClock.Instant {
        max(debt.since, heard[debt.worker.number] ?? debt.since) + Self.patience
    }

    /// A worker whose loop is stuck would let every further call run into its deadline.
    private func collectDebts() async {
        for await _ in indebted.stream {
            while let due = debts.values.map(due).min() {
                do {
                    try await loop.sleep(until: due)
                    // If it was us who did not react, what it has said meanwhile counts.
                    try await loop.sleep(for: .milliseconds(20))
                } catch { return }
                for (id, debt) in debts where self.due(debt) <= loop.now {
                    debts[id] = nil
                    faults[debt.worker.number] = "it does not react"
                    // What it holds, a camera above all, is its successor's. One that is not ours ends itself, once it can.
                    debt.worker.process?.signal(SIGKILL)
                    retire(debt.worker)
                    // It may have begun something just now: that is still heard, and from now on it can begin nothing.
                    debt.worker.channel.shutdownReading()
                }
            }
        }
    }

    // MARK: One worker's life

    private func spawn() throws -> WorkerProcess {
        // After one that has come by itself there is no other, which its source says.
        if isStopping, !source.isCaller { throw Refusal(.unavailable, "this node is stopping") }
        guard restarts.mayStart(at: loop.now) else {
            throw Refusal(
                .unavailable, "\(source.name) keeps ending as soon as it is started; the node's log says how")
        }
        let (socket, process) = try source.start(on: loop)
        lastWorker += 1
        let worker = WorkerProcess(
            number: lastWorker, channel: WorkerChannel(socket, textLimit: source.textLimit), process: process)
        heard[worker.number] = loop.now
        isReady = false
        current = worker
        pid = process.map { Int($0.pid) }
        started.continuation.yield(worker)
        log.debug("Worker started", ["number": "\(worker.number)"])
        return worker
    }

    /// Nothing more is sent to it; what it still answers is heard.
    private func retire(_ worker: WorkerProcess) {
        guard current?.number == worker.number else { return }
        current = nil
        pid = nil
    }

    private func hangUp(_ worker: WorkerProcess?) {
        guard let worker else { return }
        retire(worker)
        worker.channel.close()
    }

    private nonisolated func attend(_ worker: WorkerProcess) async {
        let began = loop.now
        let end = await worker.converse { await self.take($0, from: worker) }
        await hangUp(worker)
        let life = began.duration(to: loop.now)
        let status = await worker.exit(within: Self.exitTime, on: loop)
        await ended(worker, end, status, after: life)
        guard status == nil, await worker.exit(within: Self.farewell, on: loop) == nil, !Task.isCancelled else {
            return
        }
        // What cannot end itself keeps a camera from its successor.
        worker.process?.signal(SIGKILL)
        _ = try? await worker.process?.wait()  // cancelled: the daemon ends, and init clears away
    }

    private func take(_ received: WorkerChannel.Received, from worker: WorkerProcess) {
        heard[worker.number] = loop.now
        if source.isCaller, !received.message.isFitting(afterHello: greeted.hasFired) {
            faults[worker.number] = "it spoke out of turn"
            return hangUp(worker)
        }
        switch received.message {
        case .hello(let version, let pid):
            debts[Self.greeting] = nil
            greeted.fire()
            log.debug("Worker ready", ["number": "\(worker.number)", "pid": "\(pid)", "version": version])
            guard worker.number == current?.number else { return }
            isReady = true
            self.pid = pid
            for id in waiting where attempts[id]?.worker == worker.number { owe(id, worker) }
        case .begun(let id):
            // One that was withdrawn meanwhile has its answer to come.
            if waiting.remove(id) != nil { debts[id] = nil }
        case .reply(let reply):
            debts[reply.id] = nil
            guard let attempt = attempts[reply.id], attempt.worker == worker.number else { return }
            restarts.answered()
            attempt.end(.answered(source.heard(Reply(reply, text: received.text, blob: received.blob))))
        case .resting:
            if !attempts.values.contains(where: { $0.worker == worker.number }) { hangUp(worker) }
        case .condition(let change): raised.take(change, from: worker.number, source)
        case .invoke, .cancel: log.warning("Worker spoke out of turn", ["number": "\(worker.number)"])
        }
    }

    private func ended(_ worker: WorkerProcess, _ end: WorkerProcess.End, _ status: ExitStatus?, after life: Duration) {
        let orphans = attempts.filter { $0.value.worker == worker.number }
        let fault = faults.removeValue(forKey: worker.number)
        heard[worker.number] = nil
        raised.forget(worker.number)
        debts = debts.filter { $0.value.worker.number != worker.number }
        if source.isCaller { started.continuation.finish() }
        // One that ends as it should has answered all that it has begun; of one that is not ours nothing else is known.
        let isWell = status == .exited(0) || worker.process == nil && orphans.isEmpty
        if end == .gone && fault == nil && isWell {
            if !orphans.isEmpty { restarts.failed(after: life, at: loop.now) }
            for orphan in orphans.values { orphan.end(.notBegun(nil)) }
            return
        }
        if end == .hungUp && fault == nil {
            let why = isStopping ? "this node is stopping" : "\(source.name) was dismissed; ask again"
            for orphan in orphans.values { orphan.end(.answered(.refused(Refusal(.unavailable, why)))) }
            return
        }
        restarts.failed(after: life, at: loop.now)
        var how = fault ?? status?.words ?? "its channel closed"
        if case .fault(let problem) = end { how = problem }
        let refusal = source.lost(how)
        for (id, orphan) in orphans {
            // Of one that was not heard to its end it is not known what it has begun.
            let isUntouched = end == .gone && waiting.contains(id)
            orphan.end(isUntouched ? .notBegun(refusal) : .answered(.refused(refusal)))
        }
        log.warning(
            "Worker lost", ["number": "\(worker.number)", "how": how, "unanswered": "\(orphans.count)"],
            id: source.isCaller ? nil : .workerLost)
    }
}
