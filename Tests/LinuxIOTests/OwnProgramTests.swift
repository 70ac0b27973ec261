import LinuxIO
import NodeTesting
import Testing

@Suite struct OwnProgramTests {
    @Test("a program knows where it lies") func directory() throws {
        let directory = try #require(OwnProgram.directory)
        let name = try StateFile.read("/proc/self/comm").dropLast()
        // The kernel keeps fifteen bytes of a program's name.
        #expect(
            try Directory.names(in: directory).contains { Array($0.utf8.prefix(15)) == Array(name) },
            "\(directory)")
    }
}
