import Glibc
import NodeTesting
import Testing

@testable import LinuxIO

@Suite(.timeLimit(.minutes(1))) struct FileLockTests {
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
        async let asking = onOwnThread("asker") {
            (0..<20_000).count { _ in (try? FileLock.isHeld(path)) ?? true }
        }
        var failures = 0
        for _ in 0..<2_000 where try FileLock.acquire(path) == nil { failures += 1 }
        #expect(failures == 0)
        #expect(await asking <= 20_000)
    }
}
