/// The pings whose pongs somebody waits for.
struct PingTable {
    private struct Ping {
        let number: UInt64
        let payload: [UInt8]
        var isAnswered = false
        var continuation: CheckedContinuation<Bool, Never>?
    }

    private var pings: [Ping] = []
    private var lastNumber: UInt64 = 0

    /// Enters a ping before it is sent; `remove` follows in any case.
    mutating func add(_ payload: [UInt8]) -> UInt64 {
        lastNumber += 1
        pings.append(Ping(number: lastNumber, payload: payload))
        return lastNumber
    }

    mutating func answer(_ payload: [UInt8]) {
        for index in pings.indices where pings[index].payload == payload {
            pings[index].isAnswered = true
            pings[index].continuation?.resume(returning: true)
            pings[index].continuation = nil
        }
    }

    /// Resumes `continuation` with true at the pong; false is for the caller of `remove` or `removeAll`.
    mutating func wait(_ number: UInt64, _ continuation: CheckedContinuation<Bool, Never>) {
        guard let index = pings.firstIndex(where: { $0.number == number }) else {
            continuation.resume(returning: false)
            return
        }
        if pings[index].isAnswered {
            continuation.resume(returning: true)
        } else {
            pings[index].continuation = continuation
        }
    }

    mutating func remove(_ number: UInt64) -> CheckedContinuation<Bool, Never>? {
        guard let index = pings.firstIndex(where: { $0.number == number }) else { return nil }
        return pings.remove(at: index).continuation
    }

    mutating func removeAll() -> [CheckedContinuation<Bool, Never>] {
        defer { pings = [] }
        return pings.compactMap(\.continuation)
    }
}
