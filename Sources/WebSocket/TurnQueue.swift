/// Who may go next, where one goes at a time: waiters of the first rank before those of the second.
///
/// A value: its owner keeps it under a lock and resumes what it hands out after leaving that.
struct TurnQueue {
    enum Rank {
        case first, second
    }

    private struct Waiter {
        let number: UInt64
        let continuation: CheckedContinuation<Bool, Never>
    }

    private(set) var isTaken = false
    private var first: [Waiter] = []
    private var second: [Waiter] = []
    private var lastNumber: UInt64 = 0

    /// True when the turn was free and is the caller's now.
    mutating func takeIfFree() -> Bool {
        guard !isTaken else { return false }
        isTaken = true
        return true
    }

    mutating func makeNumber() -> UInt64 {
        lastNumber += 1
        return lastNumber
    }

    /// `continuation` gets true with the turn, false when it was dismissed.
    mutating func wait(_ number: UInt64, _ rank: Rank, _ continuation: CheckedContinuation<Bool, Never>) {
        let waiter = Waiter(number: number, continuation: continuation)
        if rank == .first { first.append(waiter) } else { second.append(waiter) }
    }

    /// Ends the turn; the caller resumes the next with true.
    mutating func leave() -> CheckedContinuation<Bool, Never>? {
        if !first.isEmpty { return first.removeFirst().continuation }
        if !second.isEmpty { return second.removeFirst().continuation }
        isTaken = false
        return nil
    }

    /// Removes one that does not want to wait any more, if it still does; the caller resumes it with false.
    mutating func remove(_ number: UInt64) -> CheckedContinuation<Bool, Never>? {
        for line in [\Self.first, \Self.second] {
            guard let index = self[keyPath: line].firstIndex(where: { $0.number == number }) else { continue }
            return self[keyPath: line].remove(at: index).continuation
        }
        return nil
    }

    /// Removes all; the caller resumes them with false.
    mutating func removeAll() -> [CheckedContinuation<Bool, Never>] {
        defer { (first, second) = ([], []) }
        return (first + second).map(\.continuation)
    }
}
