import NodeCore

/// What was answered of late, for gateways that ask for the same again (goclaw-gateway §6.2, R17): it is not done twice, and the
/// second asker is told the same, as far as there is room to keep it.
struct GivenAnswers {
    private struct Entry {
        /// Nil where it was too much to keep.
        var reply: Reply?
        var cost: Int
        let at: ContinuousClock.Instant
    }

    private static let lifetime = Duration.seconds(600)
    private static let most = 1024
    /// For all of them together: some pictures, or all the texts that there may be.
    private static let room = 2 << 20
    /// What media cost at least, for each is a descriptor.
    fileprivate static let descriptor = 128 << 10

    /// With its command: who numbers from one after a start must not be told what was answered to something else.
    private struct Key: Hashable {
        let id: String
        let command: String
    }

    private var entries: [Key: Entry] = [:]
    /// The oldest first.
    private var order: [Key] = []
    private var kept = 0

    /// To what has been given none yet.
    mutating func keep(_ reply: Reply, to id: String, _ command: String, at now: ContinuousClock.Instant) {
        expire(at: now)
        if order.count >= Self.most { drop(1) }
        let key = Key(id: id, command: command)
        let cost = reply.cost
        let isKept = cost <= Self.room
        entries[key] = Entry(reply: isKept ? reply : nil, cost: isKept ? cost : 0, at: now)
        order.append(key)
        if isKept { kept += cost }
        for older in order where kept > Self.room {
            kept -= entries[older]?.cost ?? 0
            entries[older]?.reply = nil
            entries[older]?.cost = 0
        }
    }

    /// Nil where nothing was answered, as far as is known.
    mutating func answer(to id: String, _ command: String, at now: ContinuousClock.Instant) -> Reply? {
        expire(at: now)
        return entries[Key(id: id, command: command)].map { $0.reply ?? .refused(Self.notKept) }
    }

    mutating func expire(at now: ContinuousClock.Instant) {
        drop(order.prefix { key in entries[key].map { now - $0.at >= Self.lifetime } ?? true }.count)
    }

    private mutating func drop(_ count: Int) {
        guard count > 0 else { return }
        for key in order.prefix(count) { kept -= entries.removeValue(forKey: key)?.cost ?? 0 }
        order.removeFirst(count)
    }

    private static let notKept = Refusal(
        .unavailable, "it was answered before, and the answer was too large to keep; ask anew, with another id")
}

extension Reply {
    fileprivate var cost: Int {
        let text =
            switch outcome {
            case .success(let json): json.count
            case .failure(let refusal): refusal.message.utf8.count
            }
        return text + (blob.map { max($0.file.size, GivenAnswers.descriptor) } ?? 0)
    }
}
