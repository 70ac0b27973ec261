import Glibc
import LinuxIO
import NodeTesting
import Testing

@testable import NodeDevice

@Suite(.timeLimit(.minutes(5))) struct GlimpseTests {
    @Test("what is there is seen") func seen() async {
        #expect(await Glimpse("test") { 7 }.take(HandClock()) == 7)
    }

    @Test("what hangs is given up, and after a few times nobody looks any more, until it goes on") func hung()
        async throws
    {
        let clock = HandClock()
        let (begun, begin) = AsyncStream.makeStream(of: Void.self)
        let gate = try Gate()
        let glimpse = Glimpse("test") {
            begin.yield(())
            gate.wait()
            return 1
        }
        var starts = begun.makeAsyncIterator()
        for _ in 0..<4 {
            async let sight = glimpse.take(clock)
            await starts.next()
            await clock.sleepers(1)
            clock.advance(by: .seconds(3))
            #expect(await sight == nil)
        }
        // Without waiting: the time stands still.
        #expect(await glimpse.take(clock) == nil)
        gate.open()
        // Those that hung have to end first, each on its thread.
        var sight: Int?
        while sight == nil { sight = await glimpse.take(clock) }
        #expect(sight == 1)
    }

    /// A pipe that nobody has written to yet.
    private final class Gate: Sendable {
        private let reading: FileDescriptor
        private let writing: FileDescriptor

        init() throws {
            var ends: [CInt] = [0, 0]
            try call { pipe(&ends) }
            reading = FileDescriptor(adopting: ends[0])
            writing = FileDescriptor(adopting: ends[1])
        }

        func wait() {
            var end = pollfd(fd: reading.raw, events: Int16(POLLIN), revents: 0)
            while poll(&end, 1, -1) != 1 {}
        }

        func open() { _ = write(writing.raw, "x", 1) }
    }
}
