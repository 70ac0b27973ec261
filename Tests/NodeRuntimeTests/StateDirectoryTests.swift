import Gateway
import Glibc
import LinuxIO
import NodeTesting
import Testing

@testable import NodeRuntime

@Suite struct StateDirectoryTests {
    @Test("a second daemon cannot claim a state directory, and the first one's end frees it") func claimed() throws {
        let scratch = try ScratchFolder()
        do {
            let first = try StateDirectory(claiming: scratch.path)
            #expect(throws: AgentError.alreadyRunning(scratch.path)) { try StateDirectory(claiming: scratch.path) }
            #expect(try StateDirectory.isClaimed(first.path))
        }
        #expect(try !StateDirectory.isClaimed(scratch.path))
    }

    @Test("what is lost is let go of and claimed again, and what is held is kept") func lost() throws {
        let scratch = try ScratchFolder()
        let state = try StateDirectory(claiming: scratch.path)
        state.letGoIfLost()
        #expect(try state.isHeld && StateDirectory.isClaimed(scratch.path))
        try call { unlink(scratch.file("state.lock")) }
        state.letGoIfLost()
        #expect(!state.isHeld)
        try state.claimAgain()
        #expect(try state.isHeld && StateDirectory.isClaimed(scratch.path))
    }

    @Test("what is in the lock's place is named, and not waited for") func oddLock() throws {
        let scratch = try ScratchFolder()
        let lock = scratch.file("state.lock")
        try call { mkdir(lock, 0o700) }
        #expect(throws: StateError.unwritable(path: lock, Errno(EISDIR))) { try StateDirectory(claiming: scratch.path) }
        try call { rmdir(lock) }
        try call { mkfifo(lock, 0o600) }
        #expect(try !StateDirectory.isClaimed(scratch.path))
    }
}
