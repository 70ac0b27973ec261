import Glibc
import NodeTesting
import Testing

@testable import LinuxIO

@Suite struct MemoryFileTests {
    private func read(_ file: MemoryFile, _ count: Int, at offset: Int) throws -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: count)
        let got = try buffer.withUnsafeMutableBytes { try file.read(into: $0, at: offset) }
        return Array(buffer[..<got])
    }

    @Test("what is appended is read, whole or in pieces")
    func pieces() throws {
        let file = try MemoryFile(name: "test")
        try file.append([1, 2, 3])
        try file.append([4, 5])
        #expect(file.size == 5)
        #expect(try file.bytes() == [1, 2, 3, 4, 5])
        #expect(try read(file, 2, at: 1) == [2, 3])
        #expect(try read(file, 10, at: 3) == [4, 5])
        #expect(try read(file, 10, at: 5).isEmpty)
    }

    @Test("a sealed one cannot grow, shrink or change, by nobody")
    func sealed() throws {
        let file = try MemoryFile(name: "test")
        try file.append([1, 2, 3])
        try file.seal()
        try file.seal()
        #expect(throws: Errno(EPERM)) { try file.append([4]) }
        #expect(ftruncate(file.descriptor, 0) == -1)
        #expect(ftruncate(file.descriptor, 10) == -1)
        #expect(pwrite(file.descriptor, [9], 1, 0) == -1)
        #expect(try file.bytes() == [1, 2, 3])
        #expect(file.size == 3)
    }

    @Test("a sealed one is taken from others")
    func adopted() throws {
        let original = try MemoryFile(name: "test")
        try original.append([1, 2, 3])
        try original.seal()
        let adopted = try MemoryFile(adopting: FileDescriptor(adopting: dup(original.descriptor)))
        #expect(adopted.size == 3)
        #expect(try adopted.bytes() == [1, 2, 3])
    }

    @Test("what could still be changed is not taken, nor what is no memory file")
    func refused() throws {
        let open = try MemoryFile(name: "test")
        #expect(throws: MemoryFileError.notSealed) {
            try MemoryFile(adopting: FileDescriptor(adopting: dup(open.descriptor)))
        }
        #expect(throws: MemoryFileError.notSealed) {
            try MemoryFile(adopting: FileDescriptor(opening: "/etc/passwd", flags: O_RDONLY))
        }
    }
}
