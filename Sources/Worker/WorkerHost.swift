import Glibc
import LinuxIO
import NodeCore

/// A worker process as the daemon sees it: started when it is first needed, replaced when it has ended, and never waited for.
package actor WorkerHost: Service {
    /// For the status file.
    package struct Status: Codable, Equatable, Sendable {
        package var name: String
        /// Nil while none runs, which is how a worker that is not needed looks.
        package var pid: Int?
        package var running: Int
        package var crashes: Int
    }

    private enum Event: Sendable {
        case started(WorkerProcess)
        case withdrawn(Int, WorkerProcess)
    }

    /// A cancelled invocation is answered at once by a worker that is well.
    private static let reactionTime = Duration.seconds(3)
    /// After its channel has ended a worker has two seconds of its own to stop.
    private static let farewell = Duration.seconds(5)
    /// From the end of a dead process's socket to the end of the process.
    private static let exitTime = Duration.seconds(1)

    private let program: WorkerProgram
    private let loop: EventLoop
    private let log: Log
    private let events: AsyncStream<Event>
    private let event: AsyncStream<Event>.Continuation

    private let changed: @Sendable () -> Void
    private var current: WorkerProcess? { didSet { changed() } }
    /// What comes for an id that is not there comes too late.
    private var attempts: [Int: Attempt] = [:]
    /// Cancelled, not answered yet; with the worker's number.
    private var withdrawn: [Int: Int] = [:]
    private var faults: [Int: String] = [:]
    private var restarts = RestartPolicy()
    private var lastID = 0
    private var lastWorker = 0
    private var isStopping = false

    /// `changed` is told when a worker has come or gone; it does not wait.
    package init(
        _ program: WorkerProgram, on loop: EventLoop, log: Log, changed: @escaping @Sendable () -> Void = {}
    ) {
        self.changed = changed
        self.program = program
        self.loop = loop
        self.log = log.with(["worker": program.name])
        (events, event) = AsyncStream.makeStream(of: Event.self)
    }

    package var status: Status {
        Status(
            name: program.name, pid: current.map { Int($0.process.pid) }, running: attempts.count,
            crashes: restarts.failures)
    }

    /// Looks after the workers that `perform` starts, until cancelled; then hangs up on the last one, which ends it.
    package nonisolated func run() async throws {
        await withDiscardingTaskGroup { group in
            for await event in events {
                switch event {
                case .started(let worker): group.addTask { await self.attend(worker) }
                case .withdrawn(let id, let worker): group.addTask { await self.watch(id, worker) }
                }
            }
            await self.stop()
            group.cancelAll()
        }
        try Task.checkCancellation()
    }

    /// Ends the worker that there is, with whatever it holds; the next invocation gets a fresh one.
    package func dismiss() {
        hangUp(current)
    }

    private func stop() {
        isStopping = true
        hangUp(current)
    }

    // MARK: Invocations

    /// Lets the worker do it. When the task is cancelled, the worker is told to stop, and nobody waits for that.
    package func perform(_ invocation: Invocation, _ context: InvocationContext) async -> Reply {
        do {
            for _ in 0..<2 {
                if case .answered(let reply) = try await attempt(invocation, context) { return reply }
            }
            return .refused(
                Refusal(.unavailable, "\(program.name) ends whenever it is asked; the node's log may say why"))
        } catch let refusal as Refusal {
            return .refused(refusal)
        } catch is CancellationError {
            return .refused(.cancelled)
        } catch {
            return .refused(Refusal(.unavailable, "\(program.name) cannot be reached: \(error)"))
        }
    }

    private func attempt(_ invocation: Invocation, _ context: InvocationContext) async throws -> Attempt.Outcome {
        let worker = try current ?? spawn()
        lastID += 1
        let id = lastID
        let attempt = Attempt(with: worker.number)
        attempts[id] = attempt
        defer { attempts[id] = nil }
        // The worker answers first, so that its own words reach the asker.
        let left = context.deadline.map { context.timekeeper.now.duration(to: $0) / .milliseconds(1) - 100 }
        do {
            try await worker.channel.send(invocation, id: id, budgetMs: left.map { max(1, Int($0)) })
        } catch let error as Errno where error.isPeerGone {
            retire(worker)
            return .notBegun
        } catch is CancellationError where !Task.isCancelled {
            // The channel was closed while this waited for its turn.
            return .notBegun
        }
        do { return try await attempt.ended() } catch {
            await withdraw(id, worker)
            throw error
        }
    }

    private func withdraw(_ id: Int, _ worker: WorkerProcess) async {
        withdrawn[id] = worker.number
        // A worker that cannot be told does not answer either, and that is noticed.
        try? await worker.channel.send(.cancel(id: id))
        event.yield(.withdrawn(id, worker))
    }

    /// A worker whose loop is stuck would let every further call run into its deadline.
    private func watch(_ id: Int, _ worker: WorkerProcess) async {
        try? await loop.sleep(for: Self.reactionTime)  // cancelled: it does not matter any more
        guard withdrawn.removeValue(forKey: id) != nil, !Task.isCancelled else { return }
        faults[worker.number] = "it does not react"
        hangUp(worker)
    }

    // MARK: One worker's life

    private func spawn() throws -> WorkerProcess {
        if isStopping { throw Refusal(.unavailable, "this node is stopping") }
        guard restarts.mayStart(at: loop.now) else {
            throw Refusal(
                .unavailable, "\(program.name) keeps ending as soon as it is started; the node's log says how")
        }
        let path = try program.find()
        let sockets = try MessageSocket.pair(on: loop)
        let process: ChildProcess
        do throws(Errno) { process = try program.start(path, channel: sockets.theirs, on: loop) } catch {
            throw Refusal(.unavailable, "\(path) cannot be started: \(error)")
        }
        lastWorker += 1
        let worker = WorkerProcess(number: lastWorker, channel: WorkerChannel(sockets.ours), process: process)
        current = worker
        event.yield(.started(worker))
        log.debug("Worker started", ["pid": "\(process.pid)"])
        return worker
    }

    /// Nothing more is sent to it; what it still answers is heard.
    private func retire(_ worker: WorkerProcess) {
        if current?.number == worker.number { current = nil }
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
        worker.process.signal(SIGKILL)
        _ = try? await worker.process.wait()  // cancelled: the daemon ends, and init clears away
    }

    private func take(_ received: WorkerChannel.Received, from worker: WorkerProcess) {
        switch received.message {
        case .hello(let version): log.debug("Worker ready", ["pid": "\(worker.process.pid)", "version": version])
        case .reply(let reply):
            withdrawn[reply.id] = nil
            guard let attempt = attempts[reply.id], attempt.worker == worker.number else { return }
            restarts.answered()
            attempt.end(.answered(Reply(reply, text: received.text, blob: received.blob)))
        case .resting:
            if !attempts.values.contains(where: { $0.worker == worker.number }) { hangUp(worker) }
        case .invoke, .cancel: log.warning("Worker spoke out of turn", ["pid": "\(worker.process.pid)"])
        }
    }

    private func ended(_ worker: WorkerProcess, _ end: WorkerProcess.End, _ status: ExitStatus?, after life: Duration) {
        let orphans = attempts.values.filter { $0.worker == worker.number }
        let fault = faults.removeValue(forKey: worker.number)
        withdrawn = withdrawn.filter { $0.value != worker.number }
        // One that ends as it should has answered all that it has read.
        if end == .gone && status == .exited(0) {
            if !orphans.isEmpty { restarts.failed(after: life, at: loop.now) }
            for orphan in orphans { orphan.end(.notBegun) }
            return
        }
        if end == .hungUp && fault == nil {
            let why = isStopping ? "this node is stopping" : "\(program.name) was dismissed; ask again"
            for orphan in orphans { orphan.end(.answered(.refused(Refusal(.unavailable, why)))) }
            return
        }
        restarts.failed(after: life, at: loop.now)
        var how = fault ?? status?.words ?? "its channel closed"
        if case .fault(let problem) = end { how = problem }
        let refusal = Refusal(
            .unavailable, "\(program.name) ended unexpectedly (\(how)); the next call starts a fresh one")
        for orphan in orphans { orphan.end(.answered(.refused(refusal))) }
        log.warning(
            "Worker lost", ["pid": "\(worker.process.pid)", "how": how, "unanswered": "\(orphans.count)"])
    }
}

extension Reply {
    fileprivate init(_ reply: WorkerMessage.Reply, text: [UInt8]?, blob: MemoryFile?) {
        switch reply.outcome {
        case .success:
            self.init(outcome: .success(text ?? Array("{}".utf8)))
            if let blob, let field = reply.blobField { self.blob = Blob(file: blob, field: field) }
        case .refusal(let code, let message):
            self.init(outcome: .failure(Refusal(Refusal.Code(rawValue: code), message)))
        }
    }
}

extension Handler {
    /// A command that a worker performs.
    package init(forwarding name: CommandName, to host: WorkerHost) {
        self.init(name: name) { invocation, context in await host.perform(invocation, context) }
    }
}
