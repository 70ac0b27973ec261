import Glibc
import NodeTesting
import Testing

@testable import LinuxIO

@Suite(.timeLimit(.minutes(5))) struct WakeupTests {
    @Test("readable, signalled and timed out are told apart, and a signal wins until it is reset")
    func outcomes() throws {
        let wakeup = try Wakeup()
        let pipe = try Pipe()
        defer { pipe.closeWriting() }
        #expect(try wakeup.waitUntilReadable(pipe.reading, deadline: .now) == .timedOut)
        _ = write(pipe.writing, "x", 1)
        #expect(try wakeup.waitUntilReadable(pipe.reading, deadline: nil) == .readable)
        wakeup.signal()
        #expect(try wakeup.waitUntilReadable(pipe.reading, deadline: nil) == .signalled)
        #expect(try wakeup.waitUntilReadable(pipe.reading, deadline: nil) == .signalled)
        wakeup.reset()
        #expect(try wakeup.waitUntilReadable(pipe.reading, deadline: nil) == .readable)
    }

    @Test("a wait ends not before its deadline")
    func deadline() throws {
        let wakeup = try Wakeup()
        let pipe = try Pipe()
        defer { pipe.closeWriting() }
        let deadline = ContinuousClock.now + .microseconds(2_500)
        #expect(try wakeup.waitUntilReadable(pipe.reading, deadline: deadline) == .timedOut)
        #expect(ContinuousClock.now >= deadline)
    }

    @Test("another thread ends the wait")
    func otherThread() async throws {
        let wakeup = try Wakeup()
        let pipe = try Pipe()
        defer { pipe.closeWriting() }
        let reading = pipe.reading
        async let outcome = onOwnThread("waits") { try? wakeup.waitUntilReadable(reading, deadline: nil) }
        wakeup.signal()
        #expect(await outcome == .signalled)
    }

    @Test("the other end of a wait may go away")
    func hangUp() throws {
        let wakeup = try Wakeup()
        let pipe = try Pipe()
        pipe.closeWriting()
        #expect(try wakeup.waitUntilReadable(pipe.reading, deadline: nil) == .readable)
        #expect(pipe.isAtEnd)
    }
}
