/// Bytes that are appended at one end and taken from the other, in memory that is written in place and never zeroed first.
struct ByteQueue: ~Copyable {
    private var start: UnsafeMutableRawPointer?
    private var capacity = 0
    private var first = 0
    private var end = 0

    /// Memory above this is given back once the queue is empty.
    private static let keptCapacity = 16 << 10

    deinit {
        start?.deallocate()
    }

    var count: Int { end - first }

    /// Appends `count` bytes that `fill` writes.
    mutating func append<E: Error>(
        _ count: Int, _ fill: (UnsafeMutableRawBufferPointer) throws(E) -> Void
    ) throws(E) {
        let room = makeRoom(count)
        try fill(room)
        end += count
    }

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        append(bytes.count) { $0.copyMemory(from: bytes) }
    }

    func withBytes<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R {
        body(UnsafeRawBufferPointer(start: start.map { UnsafeRawPointer($0 + first) }, count: count))
    }

    mutating func removeFirst(_ count: Int) {
        first += count
        guard first == end else { return }
        (first, end) = (0, 0)
        if capacity > Self.keptCapacity {
            start?.deallocate()
            (start, capacity) = (nil, 0)
        }
    }

    mutating func removeAll() { removeFirst(count) }

    private mutating func makeRoom(_ size: Int) -> UnsafeMutableRawBufferPointer {
        if end + size > capacity {
            let grown = max(count + size, count + size < Self.keptCapacity ? 4 << 10 : 2 * count)
            let memory = UnsafeMutableRawPointer.allocate(byteCount: grown, alignment: 16)
            if let start {
                memory.copyMemory(from: start + first, byteCount: count)
                start.deallocate()
            }
            (start, capacity, end, first) = (memory, grown, count, 0)
        }
        return UnsafeMutableRawBufferPointer(start: start.map { $0 + end }, count: size)
    }
}
