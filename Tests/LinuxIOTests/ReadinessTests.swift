import Glibc
import NodeTesting
import Testing

@testable import LinuxIO

@Suite(.timeLimit(.minutes(5))) struct ReadinessTests {
    /// Both ends of a stream, watched on one side.
    private struct Watched: Sendable {
        let ours: CInt
        let theirs: CInt
        let readiness: Readiness

        func send() { _ = write(theirs, "x", 1) }
    }

    private func watch<R: Sendable>(_ body: @escaping @Sendable (Watched) async throws -> R) async throws -> R {
        try await onEventLoop { loop in
            var ends: [CInt] = [-1, -1]
            let type = CInt(SOCK_STREAM.rawValue) | O_CLOEXEC | O_NONBLOCK
            try call { socketpair(AF_UNIX, type, 0, &ends) }
            let watched = Watched(ours: ends[0], theirs: ends[1], readiness: try Readiness(ends[0], on: loop))
            defer {
                watched.readiness.cancel()
                for end in ends { close(end) }
            }
            return try await body(watched)
        }
    }

    private func isCancelled(_ body: () async throws -> Readiness.Interest) async -> Bool {
        do { _ = try await body() } catch { return error is CancellationError }
        return false
    }

    @Test("a waiter is told what it waits for, and not what it does not")
    func told() async throws {
        try await watch { watched in
            async let ready = watched.readiness.wait(for: .read)
            await Task.yield()
            watched.send()
            let told = try await ready
            #expect(told == .read)
            let both = try await watched.readiness.wait(for: [.read, .write])
            #expect(both.contains(.write))
        }
    }

    @Test("what became ready before anybody waited is told once")
    func remembered() async throws {
        try await watch { watched in
            watched.send()
            let first = try await watched.readiness.wait(for: .read)
            #expect(first == .read)
            async let again = watched.readiness.wait(for: .read)
            await Task.yield()
            // An edge, though what came before has not been read.
            watched.send()
            let second = try await again
            #expect(second == .read)
        }
    }

    @Test("one waits for reading while another waits for writing")
    func twoDirections() async throws {
        try await watch { watched in
            async let read = watched.readiness.wait(for: .read)
            await Task.yield()
            let writable = try await watched.readiness.wait(for: .write)
            #expect(writable == .write)
            watched.send()
            let readable = try await read
            #expect(readable == .read)
        }
    }

    @Test("a hang-up is readiness for both directions")
    func hangUp() async throws {
        try await watch { watched in
            _ = try await watched.readiness.wait(for: .write)
            shutdown(watched.theirs, CInt(SHUT_RDWR))
            var seen: Readiness.Interest = []
            while seen != [.read, .write] { seen.formUnion(try await watched.readiness.wait(for: [.read, .write])) }
        }
    }

    @Test("a cancelled task stops waiting, and the next one waits in its place")
    func cancelledTask() async throws {
        try await watch { watched in
            for isEarly in [true, false] {
                let cancelled = await withTaskGroup(of: Bool.self) { group in
                    group.addTask { await isCancelled { try await watched.readiness.wait(for: .read) } }
                    if !isEarly { await Task.yield() }
                    group.cancelAll()
                    return await group.next()
                }
                #expect(cancelled == true)
            }
            watched.send()
            let next = try await watched.readiness.wait(for: .read)
            #expect(next == .read)
        }
    }

    @Test("when the watch ends, whoever waits is told, and so is whoever comes later")
    func ended() async throws {
        try await watch { watched in
            async let waiting = isCancelled { try await watched.readiness.wait(for: .read) }
            await Task.yield()
            watched.readiness.cancel()
            #expect(await waiting)
            let isLateTold = await isCancelled { try await watched.readiness.wait(for: .read) }
            #expect(isLateTold)
        }
    }

    @Test("what epoll cannot watch is refused")
    func refused() async throws {
        let failure = try await onEventLoop { loop -> Errno? in
            let file = try MemoryFile(name: "file")
            do throws(Errno) { _ = try Readiness(file.descriptor, on: loop) } catch { return error }
            return nil
        }
        #expect(failure == Errno(EPERM))
    }
}
