import LinuxIO
import NodeCore

/// One line about one invocation, for the log and the status: never what was asked or answered.
package struct InvocationRecord: Sendable, Equatable {
    package var id: String
    package var command: String
    /// `ok`, or the refusal's code.
    package var outcome: String
    package var duration: Duration
    /// On the wire; nil when the reply found nobody.
    package var bytes: Int?
}

/// All invocations under way, whatever becomes of the connection they came by: it can be dialled again while a hanging
/// driver is still being waited for.
actor InvocationTable {
    private struct Entry {
        let invocation: Invocation
        var sink: any ReplySink
        /// What it is answered with, unperformed.
        let answer: Reply?
        let cancel = OneShot()
        /// How many signs of life its asker was sent; none any more when the answer is on its way.
        var beats = 0
        var isAnswered = false
        let began: ContinuousClock.Instant
    }

    private let registry: CommandRegistry
    private let limit: Int
    private let timekeeper: any Timekeeper
    private let log: Log
    private let record: @Sendable (InvocationRecord) -> Void

    private let accepted: AsyncStream<Entry>
    private let accept: AsyncStream<Entry>.Continuation
    private var active: [String: Entry] = [:]
    /// How many of them are being performed.
    private var running = 0
    private var recent = RecentIDs(capacity: 1024)
    private var given = GivenAnswers()
    /// Of what was withdrawn before it was asked for: newer gateways' cancellations may overtake (§6.4).
    private var withdrawn = RecentIDs(capacity: 64)
    /// Of the signs of life that no answer has come to.
    private var progressIDs = RecentIDs(capacity: 64)
    private var work: OneShot?
    private var idle = OneShot()
    private var room = OneShot()

    /// Far more than any gateway asks for at once; each takes some kilobytes until its answer is sent.
    static let capacity = 1024

    /// Gateways call an invocation idle after thirty seconds (§6.4).
    static let heartbeat = Duration.seconds(10)

    init(
        registry: CommandRegistry, limit: Int, timekeeper: any Timekeeper, log: Log,
        record: @escaping @Sendable (InvocationRecord) -> Void
    ) {
        self.registry = registry
        self.limit = limit
        self.timekeeper = timekeeper
        self.log = log
        self.record = record
        (accepted, accept) = AsyncStream.makeStream(of: Entry.self)
    }

    /// Performs what is taken in, until cancelled.
    nonisolated func run() async {
        await withDiscardingTaskGroup { group in
            for await entry in accepted {
                group.addTask { await self.perform(entry) }
            }
            group.cancelAll()
        }
    }

    /// Takes in one request. Refusals too are sent by `run`: whoever reads a connection must not wait for room to write
    /// on it, or its pings go unanswered while a clip goes out.
    func take(_ request: IncomingFrame.InvokeRequest, from sink: any ReplySink, isStopping: Bool) {
        let now = timekeeper.now
        var answer: Reply?
        if !recent.insert(request.id) {
            guard sink.repeatsAnswers else { return log.debug("Repeated invocation ignored", ["id": request.id]) }
            if let current = active[request.id] {
                log.debug("Repeated invocation joined", ["id": request.id])
                // Whoever asked last is there to hear it.
                if current.invocation.command.text == request.command { active[request.id]?.sink = sink }
                return
            }
            answer = given.answer(to: request.id, request.command, at: now)
        }
        let refusal: Refusal? =
            if answer != nil {
                nil
            } else if let fault = request.fault {
                Refusal(.invalidRequest, fault)
            } else if withdrawn.contains(request.id) {
                .cancelled
            } else if isStopping {
                Refusal(sink.unbegun, "the node is stopping; ask again when it is back")
            } else if running >= limit {
                Refusal(sink.unbegun, Refusal.busy.message)
            } else {
                nil
            }
        if let refusal { answer = .refused(refusal) }
        // What is refused may wait long for room to write, and must not keep its params meanwhile.
        let invocation = Invocation(
            id: request.id, command: CommandName(request.command), params: answer == nil ? request.params : nil,
            deadline: Self.deadline(timeoutMs: request.timeoutMs, from: now),
            payloadLimit: sink.payloadLimit)
        let entry = Entry(invocation: invocation, sink: sink, answer: answer, began: now)
        if answer == nil { running += 1 }
        active[request.id] = entry
        work?.fire()
        work = nil
        accept.yield(entry)
    }

    /// Returns once fewer than `capacity` wait for their answer, and for it to be sent: who asks on and on and takes no answer is
    /// not read any further. Throws `CancellationError` only.
    func hasRoom() async throws {
        while active.count >= Self.capacity { try await room.fired() }
    }

    /// The asker's budget runs from when it asked; it must not be over before our answer is there.
    private static func deadline(timeoutMs: Int?, from now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        let budget = timeoutMs ?? 30_000
        guard budget > 0 else { return nil }
        return now + .milliseconds(max(budget - 250, budget / 2))
    }

    private func perform(_ entry: Entry) async {
        if let known = entry.answer { return await answer(entry, known) }
        await registry.perform(entry.invocation, timekeeper: timekeeper, log: log, cancel: entry.cancel) { reply in
            await self.answer(entry, reply)
        }
    }

    private func answer(_ entry: Entry, _ reply: Reply) async {
        let id = entry.invocation.id
        active[id]?.isAnswered = true
        let sink = active[id]?.sink ?? entry.sink
        let delivery = await sink.send(reply, to: id)
        active[id] = nil
        if sink.repeatsAnswers, entry.answer == nil {
            given.keep(delivery.reply, to: id, entry.invocation.command.text, at: timekeeper.now)
        }
        if active.count == Self.capacity - 1 {
            room.fire()
            room = OneShot()
        }
        if entry.answer == nil { running -= 1 }
        if active.isEmpty { idle.fire() }
        let outcome =
            switch reply.outcome {
            case .success: "ok"
            case .failure(let refusal): refusal.code.rawValue
            }
        record(
            InvocationRecord(
                id: id, command: entry.invocation.command.text, outcome: outcome,
                duration: entry.began.duration(to: timekeeper.now), bytes: delivery.bytes))
    }

    /// Lets go of answers that nobody may ask for any more.
    func forget() {
        given.expire(at: timekeeper.now)
    }

    /// The asker withdrew.
    func cancel(_ id: String) {
        if let entry = active[id] {
            entry.cancel.fire()
        } else if !recent.contains(id) {
            _ = withdrawn.insert(id)
        }
    }

    // MARK: Signs of life

    /// Returns once something is under way. Throws `CancellationError` only.
    func isBusy() async throws {
        guard active.isEmpty else { return }
        let work = work ?? OneShot()
        self.work = work
        try await work.fired()
    }

    /// One for each invocation that has taken long.
    func tellOfLong(to sink: ResultSink) async {
        let now = timekeeper.now
        for (id, entry) in active where entry.began + Self.heartbeat <= now {
            // What was asked in another dialect's form on the same connection has no such sign.
            guard let asker = entry.sink as? ResultSink, asker.closed === sink.closed else { continue }
            // Others may have been answered while this one was told of.
            guard let current = active[id], !current.isAnswered, entry.answer == nil, !sink.progressRefused.hasFired
            else { continue }
            active[id]?.beats += 1
            if let request = await sink.sendProgress(of: id, number: current.beats) { _ = progressIDs.insert(request) }
        }
    }

    /// Whether the request `id` was one of these.
    func wasProgress(_ id: String) -> Bool { progressIDs.contains(id) }

    /// The connection with this end is gone: its invocations are cancelled, and what they still say is dropped; but for those
    /// whose reply is of use on the next one.
    func abandon(_ closed: OneShot) {
        closed.fire()
        for entry in active.values where entry.sink.closed === closed && !entry.sink.outlivesConnection {
            entry.cancel.fire()
        }
    }

    /// Returns once nothing is under way. Throws `CancellationError` only.
    func drained() async throws {
        if active.isEmpty { return }
        idle = OneShot()
        try await idle.fired()
    }
}

/// The ids of the last invocations: a gateway sends none twice, and a faulty one must not have its wish done twice.
private struct RecentIDs {
    private let capacity: Int
    private var ids: Set<String> = []
    private var order: [String] = []
    private var oldest = 0

    init(capacity: Int) {
        self.capacity = capacity
    }

    func contains(_ id: String) -> Bool { ids.contains(id) }

    /// False when `id` is among them already.
    mutating func insert(_ id: String) -> Bool {
        guard ids.insert(id).inserted else { return false }
        if order.count < capacity {
            order.append(id)
        } else {
            ids.remove(order[oldest])
            order[oldest] = id
            oldest = (oldest + 1) % capacity
        }
        return true
    }
}

extension ReplySink {
    /// The code of what was refused and provably not begun.
    fileprivate var unbegun: Refusal.Code { retriesUnbegun ? .nodeNotReady : .unavailable }
}
