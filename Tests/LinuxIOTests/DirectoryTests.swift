import Glibc
import LinuxIO
import NodeTesting
import Testing

@Suite struct DirectoryTests {
    @Test("names are whole however long, and those that every directory has are left out") func names() throws {
        let scratch = try ScratchFolder()
        let names = ["a", ".hidden", "é", String(repeating: "n", count: 200)]
        for name in names { try StateFile.write(scratch.file(name), [], durable: false) }
        #expect(try Set(Directory.names(in: scratch.path)) == Set(names))
        #expect(throws: Errno(ENOENT)) { try Directory.names(in: scratch.file("nothing")) }
    }

    @Test("a directory goes with all that is in it, and links lead nowhere else") func remove() throws {
        let scratch = try ScratchFolder()
        let kept = scratch.file("kept")
        try StateFile.makeDirectory(kept)
        try StateFile.write(kept + "/file", [1], durable: false)
        let folder = scratch.file("folder")
        try StateFile.makeDirectory(folder + "/deeper/still")
        try StateFile.write(folder + "/deeper/file", [1], durable: false)
        #expect(symlink(kept, folder + "/link") == 0)
        Directory.remove(folder)
        #expect(scratch.names == ["kept"])
        #expect(try StateFile.read(kept + "/file") == [1])
    }
}
