import Testing

@testable import LinuxIO

@Suite struct TimerHeapTests {
    private let start = ContinuousClock.now

    @Test("what is due comes in the order of deadlines, the rest stays")
    func due() {
        var heap = TimerHeap<Int>()
        for milliseconds in [50, 10, 40, 20, 30] {
            heap.insert(milliseconds, at: start + .milliseconds(milliseconds))
        }
        #expect(heap.earliest() == start + .milliseconds(10))
        #expect(heap.takeDue(start + .milliseconds(30)) == [10, 20, 30])
        #expect(heap.count == 2)
        #expect(heap.earliest() == start + .milliseconds(40))
    }

    @Test("what was removed is given once, and never comes due")
    func removed() {
        var heap = TimerHeap<String>()
        let first = heap.insert("first", at: start)
        heap.insert("second", at: start + .seconds(1))
        #expect(heap.remove(first) == "first")
        #expect(heap.remove(first) == nil)
        #expect(heap.earliest() == start + .seconds(1))
        #expect(heap.takeDue(start + .seconds(2)) == ["second"])
        #expect(heap.earliest() == nil)
    }

    @Test("a hundred thousand removed entries are swept out while one lives")
    func sweep() {
        var heap = TimerHeap<Int>()
        heap.insert(-1, at: start)
        for number in 0..<100_000 {
            let id = heap.insert(number, at: start + .seconds(3600))
            #expect(heap.remove(id) == number)
        }
        #expect(heap.count == 1)
        #expect(heap.storedCount <= 65)
        #expect(heap.takeDue(start) == [-1])
    }

    @Test("any order of coming and going keeps the order of deadlines")
    func mixed() {
        var heap = TimerHeap<Int>()
        var ids: [Int: TimerHeap<Int>.ID] = [:]
        // A full cycle through 0..<997, in an order that looks like none.
        for step in 0..<997 {
            let number = step * 389 % 997
            ids[number] = heap.insert(number, at: start + .milliseconds(number))
        }
        for number in stride(from: 0, to: 997, by: 3) {
            if let id = ids[number] { #expect(heap.remove(id) == number) }
        }
        #expect(heap.takeDue(start + .seconds(1)) == (0..<997).filter { $0 % 3 != 0 })
    }
}

extension TimerHeap {
    @discardableResult
    fileprivate mutating func insert(_ value: Value, at deadline: ContinuousClock.Instant) -> ID {
        let id = makeID()
        insert(value, as: id, at: deadline)
        return id
    }
}
