import Glibc
import Testing

@testable import LinuxIO

@Suite struct DiskSpaceTests {
    @Test("a disk has room, never more than its size") func real() throws {
        let space = try DiskSpace(at: "/tmp")
        #expect(space.totalBytes > 0)
        #expect((0...space.totalBytes).contains(space.freeBytes))
        #expect(!space.isReadOnly)
    }

    @Test("what holds no files has no room either, and what is not there is an error") func odd() throws {
        let proc = try DiskSpace(at: "/proc")
        #expect(proc.freeBytes == 0 && proc.freeFiles == nil)
        #expect(throws: Errno(ENOENT)) { try DiskSpace(at: "/nonexistent") }
    }
}
