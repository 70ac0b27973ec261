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

    private struct Running {
        let channel: WorkerChannel
        let process: ChildProcess
        let number: Int
    }

    /// Replies wait here; what comes for an id that is not there comes too late.
    private struct Pending {
        let worker: Int
        let reply: Mailbox
    }

    private let program: WorkerProgram
    private let loop: EventLoop
    private let log: Log
    private let started: AsyncStream<Running>
    private let start: AsyncStream<Running>.Continuation

    private var current: Running?
    private var pending: [Int: Pending] = [:]
    private var lastID = 0
    private var lastWorker = 0
    private var crashes = 0
    private var quickCrashes = 0
    private var notBefore: ContinuousClock.Instant?
    private var lastConditions: [Condition] = []

    package init(_ program: WorkerProgram, on loop: EventLoop, log: Log) {
        self.program = program
        self.loop = loop
        self.log = log.with(["worker": program.name])
        (started, start) = AsyncStream.makeStream(of: Running.self)
    }

    package var status: Status {
        Status(name: program.name, pid: current.map { Int($0.process.pid) }, running: pending.count, crashes: crashes)
    }

    /// What the worker last said is wrong on its side.
    package var conditions: [Condition] { lastConditions }

    /// Looks after the workers that `perform` starts, until cancelled; then hangs up on the last one, which ends it.
    package nonisolated func run() async throws {
        await withDiscardingTaskGroup { group in
            for await worker in started {
                group.addTask { await self.attend(worker) }
            }
            await self.hangUp()
            group.cancelAll()
        }
        try Task.checkCancellation()
    }

    /// Lets the worker do it. When the task is cancelled, the worker is told to stop, and nobody waits for that.
    package func perform(_ invocation: Invocation, _ context: InvocationContext) async -> Reply {
        lastID += 1
        let id = lastID
        let mailbox = Mailbox()
        do {
            try await send(invocation, id, context, mailbox)
        } catch let refusal as Refusal {
            return .refused(refusal)
        } catch {
            return .refused(Refusal(.unavailable, "\(program.name) cannot be reached: \(error)"))
        }
        defer { pending[id] = nil }
        do { return try await mailbox.take() } catch {
            // The worker may be gone as well, and then there is nothing to cancel.
            if let worker = current, worker.number == pending[id]?.worker {
                try? await worker.channel.send(.cancel(id: id))
            }
            return .refused(.cancelled)
        }
    }

    private func send(
        _ invocation: Invocation, _ id: Int, _ context: InvocationContext, _ mailbox: Mailbox
    ) async throws {
        let isFresh = current == nil
        let worker = try current ?? spawn()
        pending[id] = Pending(worker: worker.number, reply: mailbox)
        // The worker answers first, so that its own words reach the asker.
        let left = context.deadline.map { context.timekeeper.now.duration(to: $0) / .milliseconds(1) - 100 }
        do {
            try await worker.channel.send(invocation, id: id, budgetMs: left.map { max(1, Int($0)) })
        } catch is Errno where !isFresh {
            // It ended before this could reach it, so nothing has begun: once more with a fresh one.
            pending[id] = nil
            if current?.number == worker.number { current = nil }
            try await send(invocation, id, context, mailbox)
        } catch {
            pending[id] = nil
            throw error
        }
    }

    private func spawn() throws -> Running {
        if let notBefore, loop.now < notBefore {
            throw Refusal(.unavailable, "\(program.name) keeps ending as soon as it is started; the node's log says why")
        }
        guard let path = program.path else {
            throw Refusal(
                .unavailable, "\(program.name) is not installed (looked for \(program.candidates.joined(separator: ", "))); "
                    + "install the package: apt install \(program.name)")
        }
        let sockets = try MessageSocket.pair(on: loop)
        // The worker's number for its end of the channel, whoever starts it.
        let process = try ChildProcess.spawn(
            path, arguments: program.arguments, descriptors: [(sockets.theirs.raw, as: 3)], on: loop)
        lastWorker += 1
        let worker = Running(channel: WorkerChannel(sockets.ours), process: process, number: lastWorker)
        current = worker
        start.yield(worker)
        log.debug("Worker started", ["pid": "\(process.pid)"])
        return worker
    }

    // MARK: One worker's life

    private nonisolated func attend(_ worker: Running) async {
        let began = loop.now
        var fault: String?
        do {
            while let received = try await worker.channel.receive() { await take(received, from: worker) }
        } catch is CancellationError {
            // We are going; so is the channel, and the worker with it.
        } catch {
            fault = "\(error)"
        }
        worker.channel.close()
        await ended(worker, fault: fault, after: began.duration(to: loop.now))
        // A worker whose channel is closed ends within two seconds; one that hangs in the kernel ends when that does.
        guard let status = try? await worker.process.wait() else { return }  // cancelled: the daemon ends, init reaps
        if status != .exited(0) { log.warning("Worker ended", ["pid": "\(worker.process.pid)", "how": "\(status)"]) }
    }

    private func take(_ received: WorkerChannel.Received, from worker: Running) {
        switch received.message {
        case .hello(let version, let conditions):
            lastConditions = conditions
            log.debug("Worker ready", ["pid": "\(worker.process.pid)", "version": version])
        case .reply(let reply):
            guard let waiting = pending[reply.id], waiting.worker == worker.number else { return }
            quickCrashes = 0
            waiting.reply.put(Reply(reply, text: received.text, blob: received.blob))
        case .resting:
            guard !pending.values.contains(where: { $0.worker == worker.number }) else { return }
            if current?.number == worker.number { current = nil }
            worker.channel.close()
        case .invoke, .cancel: log.warning("Worker spoke out of turn", ["pid": "\(worker.process.pid)"])
        }
    }

    private func ended(_ worker: Running, fault: String?, after life: Duration) {
        let wasCurrent = current?.number == worker.number
        if wasCurrent { current = nil }
        let orphans = pending.filter { $0.value.worker == worker.number }
        let refusal = Refusal(
            .unavailable, "\(program.name) ended unexpectedly" + (fault.map { " (\($0))" } ?? "")
                + "; ask again, the next call starts a fresh one")
        for (id, orphan) in orphans {
            pending[id] = nil
            orphan.reply.put(.refused(refusal))
        }
        guard wasCurrent else { return }
        crashes += 1
        quickCrashes = life < .seconds(10) ? quickCrashes + 1 : 0
        notBefore = quickCrashes >= 3 ? loop.now + .seconds(5) : nil
        log.warning("Worker lost", ["pid": "\(worker.process.pid)", "unanswered": "\(orphans.count)", "fault": fault ?? ""])
    }

    private func hangUp() {
        let worker = current
        current = nil
        worker?.channel.close()
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
