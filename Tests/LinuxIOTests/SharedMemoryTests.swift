import Glibc
import NodeTesting
import Testing

@testable import LinuxIO

@Suite struct SharedMemoryTests {
    @Test("what is written at one end stands at the other, and begins as zeros")
    func shared() throws {
        let ours = try SharedMemory(name: "test", size: 10_000)
        let theirs = try SharedMemory(adopting: FileDescriptor(adopting: try call { dup(ours.descriptor) }))
        #expect(theirs.bytes.count == 10_000)
        #expect(theirs.bytes.allSatisfy { $0 == 0 })
        ours.bytes[9_999] = 7
        theirs.bytes[0] = 9
        #expect(theirs.bytes[9_999] == 7)
        #expect(ours.bytes[0] == 9)
    }

    @Test("its size stays what it is")
    func fixed() throws {
        let memory = try SharedMemory(name: "test", size: 4_096)
        #expect(ftruncate(memory.descriptor, 0) == -1)
        #expect(ftruncate(memory.descriptor, 8_192) == -1)
    }

    @Test("memory that somebody could shorten is not taken")
    func unsealed() throws {
        let file = try MemoryFile(name: "test")
        try file.append([1, 2, 3])
        let descriptor = FileDescriptor(adopting: try call { dup(file.descriptor) })
        do throws(MemoryFileError) {
            _ = try SharedMemory(adopting: descriptor)
            Issue.record("it was taken")
        } catch { #expect(error == .notSealed) }
    }

    @Test("it outlives the end that made it")
    func outlives() throws {
        var ours: SharedMemory? = try SharedMemory(name: "test", size: 4_096)
        let copy = try call { dup(ours?.descriptor ?? -1) }
        let theirs = try SharedMemory(adopting: FileDescriptor(adopting: copy))
        ours?.bytes[1] = 5
        ours = nil
        #expect(theirs.bytes[1] == 5)
    }
}
