import Testing

@testable import NodeMedia

@Suite("Sound queue", .timeLimit(.minutes(5)))
struct SoundQueueTests {
    private let queue = SoundQueue(SoundFormat(sampleRate: 1_000, channels: 2))

    /// A sample a millisecond, each of which is the time.
    private func chunk(_ start: Int, _ count: Int = 20) -> SoundChunk {
        SoundChunk(
            samples: (start..<start + count).flatMap { [Int16($0), Int16($0)] },
            capturedAt: MonotonicTime(nanoseconds: Int64(start) * 1_000_000))
    }

    private func all() async -> [SoundChunk] {
        var chunks: [SoundChunk] = []
        while let chunk = await queue.next() { chunks.append(chunk) }
        return chunks
    }

    @Test("what has waited comes in its order, in pieces of up to a fifth of a second") func pieces() async {
        for number in 0..<25 { queue.add(chunk(number * 20)) }
        queue.finish()
        let chunks = await all()
        #expect(chunks.map { $0.samples.count / 2 } == [200, 200, 100])
        #expect(chunks.flatMap(\.samples) == chunk(0, 500).samples)
        #expect(chunks.map(\.capturedAt.nanoseconds) == [0, 200_000_000, 400_000_000])
    }

    @Test("a piece ends where something is missing") func gap() async {
        queue.add(chunk(0))
        queue.add(chunk(140))
        queue.finish()
        #expect(await all().map { $0.samples.first } == [0, 140])
    }

    @Test("of more than ten seconds the oldest is dropped") func full() async {
        for number in 0..<510 { queue.add(chunk(number * 20)) }
        queue.finish()
        #expect(await all().flatMap(\.samples) == chunk(200, 10_000).samples)
    }

    @Test("who waits gets what comes next, and is told of the end") func waiting() async {
        async let first = queue.next()
        for _ in 0..<100 { await Task.yield() }
        queue.add(chunk(7))
        #expect(await first?.samples.first == 7)
        async let end = queue.next()
        for _ in 0..<100 { await Task.yield() }
        queue.finish()
        #expect(await end?.samples == nil)
        queue.add(chunk(8))
        #expect(await queue.next()?.samples == nil)
    }

    @Test("cancelling ends the wait") func cancelled() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { #expect(await queue.next()?.samples == nil) }
            for _ in 0..<100 { await Task.yield() }
            group.cancelAll()
        }
    }
}
