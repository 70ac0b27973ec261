import Glibc
import NodeTesting
import Synchronization
import Testing

@testable import LinuxIO

@Suite(.timeLimit(.minutes(5))) struct FileLockTests {
    private let folder: ScratchFolder
    private var path: String { folder.file("state.lock") }

    init() throws {
        folder = try ScratchFolder()
    }

    @Test("one has it at a time, and it is free when that one goes")
    func exclusive() throws {
        do {
            let first = try FileLock.acquire(path)
            #expect(first != nil)
            #expect(try FileLock.acquire(path) == nil)
            #expect(try FileLock.isHeld(path))
            withExtendedLifetime(first) {}
        }
        #expect(try !FileLock.isHeld(path))
        #expect(try FileLock.acquire(path) != nil)
    }

    @Test("a lock that nobody ever had is not held, and asking makes no file")
    func absent() throws {
        #expect(try !FileLock.isHeld(path))
        #expect(folder.names.isEmpty)
    }

    @Test("where no file can be made there is no lock")
    func impossible() {
        #expect(throws: Errno(ENOENT)) { try FileLock.acquire(folder.file("missing/state.lock")) }
    }

    @Test("who only asks does not keep anybody from having it")
    func askers() async throws {
        let path = path
        #expect(try FileLock.acquire(path) != nil)
        let stop = Stop()
        async let asking: Void = onOwnThread("asker") {
            let file = open(path, O_RDONLY | O_CLOEXEC)
            defer { close(file) }
            // What `isHeld` does, at leisure.
            while !stop.isAsked {
                flock(file, LOCK_SH | LOCK_NB)
                usleep(200)
                flock(file, LOCK_UN)
                usleep(2_000)
            }
        }
        var failures = 0
        for _ in 0..<300 {
            if try FileLock.acquire(path) == nil { failures += 1 }
            usleep(100)
        }
        stop.ask()
        await asking
        #expect(failures == 0)
    }

    private final class Stop: Sendable {
        private let state = Mutex(false)

        func ask() { state.withLock { $0 = true } }

        var isAsked: Bool { state.withLock { $0 } }
    }
}
