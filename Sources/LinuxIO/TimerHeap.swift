/// The pending deadlines of one event loop: the earliest on top, removal by id.
///
/// Cancelled entries leave the heap lazily, but are swept out once they outnumber the living, so a hundred thousand short
/// invocations with long deadlines cost nothing that stays.
struct TimerHeap<Value> {
    struct ID: Hashable {
        fileprivate let number: UInt64
    }

    private var heap: [(deadline: ContinuousClock.Instant, number: UInt64)] = []
    private var values: [UInt64: Value] = [:]
    private var last: UInt64 = 0

    var count: Int { values.count }
    var storedCount: Int { heap.count }

    /// The next deadline that still has a value.
    mutating func earliest() -> ContinuousClock.Instant? {
        while let top = heap.first {
            if values[top.number] != nil { return top.deadline }
            removeTop()
        }
        return nil
    }

    /// For one `insert`; may be removed before that, which does nothing.
    mutating func makeID() -> ID {
        last += 1
        return ID(number: last)
    }

    mutating func insert(_ value: Value, as id: ID, at deadline: ContinuousClock.Instant) {
        values[id.number] = value
        heap.append((deadline, id.number))
        siftUp(heap.count - 1)
    }

    mutating func remove(_ id: ID) -> Value? {
        let value = values.removeValue(forKey: id.number)
        if heap.count > 64 && heap.count > 2 * values.count { sweep() }
        return value
    }

    /// Every value whose deadline is not after `now`, in order.
    mutating func takeDue(_ now: ContinuousClock.Instant) -> [Value] {
        var due: [Value] = []
        while let top = heap.first, top.deadline <= now {
            if let value = values.removeValue(forKey: top.number) { due.append(value) }
            removeTop()
        }
        return due
    }

    private mutating func sweep() {
        let living = heap.filter { values[$0.number] != nil }
        heap.removeAll(keepingCapacity: false)
        for entry in living {
            heap.append(entry)
            siftUp(heap.count - 1)
        }
    }

    private mutating func removeTop() {
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var parent = 0
        while true {
            let left = 2 * parent + 1
            guard left < heap.count else { return }
            let right = left + 1
            let child = right < heap.count && heap[right].deadline < heap[left].deadline ? right : left
            guard heap[child].deadline < heap[parent].deadline else { return }
            heap.swapAt(child, parent)
            parent = child
        }
    }

    private mutating func siftUp(_ start: Int) {
        var child = start
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].deadline < heap[parent].deadline else { return }
            heap.swapAt(child, parent)
            child = parent
        }
    }
}
