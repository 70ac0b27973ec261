import Glibc
import NodeTesting
import Testing

@testable import LinuxIO

@Suite(.timeLimit(.minutes(5))) struct StateFileTests {
    private let folder: ScratchFolder

    init() throws {
        folder = try ScratchFolder()
    }

    private func mode(_ path: String) throws -> mode_t {
        var status = stat()
        try call { stat(path, &status) }
        return status.st_mode & 0o7777
    }

    @Test("what is written is read, and replaces what was there", arguments: [true, false])
    func replaces(durable: Bool) throws {
        let path = folder.file("state.json")
        for text in ["a long first text", "short", ""] {
            try StateFile.write(path, Array(text.utf8), durable: durable)
            #expect(try StateFile.read(path) == Array(text.utf8))
        }
        #expect(folder.names == ["state.json"])
    }

    @Test(
        "the mode is what was asked for, whatever the umask and the old file say",
        arguments: [0o600, 0o644] as [mode_t])
    func mode(wanted: mode_t) throws {
        let path = folder.file("state.json")
        try StateFile.write(path, [1], mode: wanted)
        #expect(try mode(path) == wanted)
        chmod(path, 0o777)
        try StateFile.write(path, [2], mode: wanted)
        #expect(try mode(path) == wanted)
    }

    @Test("a reader sees the old text or the new one, never a part")
    func atomic() async throws {
        let path = folder.file("state.json")
        let texts = [[UInt8](repeating: 1, count: 100_000), [UInt8](repeating: 2, count: 10)]
        try StateFile.write(path, texts[0], durable: false)
        async let partial = onOwnThread("reader") {
            (0..<500).count { _ in
                // Not there would be a part, too.
                (try? StateFile.read(path)).map { !texts.contains($0) } ?? true
            }
        }
        for number in 0..<500 { try StateFile.write(path, texts[number % 2], durable: false) }
        let count = await partial
        #expect(count == 0)
    }

    @Test("what cannot be finished leaves the old file and no draft")
    func unfinished() throws {
        // Something that a file cannot be renamed over.
        let path = folder.file("state.json")
        try StateFile.makeDirectory(path + "/inside")
        #expect(throws: Errno(EISDIR)) { try StateFile.write(path, [1]) }
        #expect(folder.names == ["state.json"])
    }

    @Test("a folder that is missing or cannot be written is told as that")
    func unwritable() {
        #expect(throws: Errno(ENOENT)) { try StateFile.write(folder.file("missing/state.json"), [1]) }
        // Not even root makes files there.
        #expect(throws: Errno.self) { try StateFile.write("/proc/self/state.json", [1]) }
        #expect(throws: Errno(ENOTDIR)) { try StateFile.write("/etc/passwd/state.json", [1]) }
    }

    @Test("missing, too long and not a file are told apart")
    func unreadable() throws {
        let path = folder.file("state.json")
        #expect(throws: Errno(ENOENT)) { try StateFile.read(path) }
        try StateFile.write(path, [UInt8](repeating: 0, count: 100), durable: false)
        #expect(try StateFile.read(path, limit: 100).count == 100)
        #expect(throws: Errno(EFBIG)) { try StateFile.read(path, limit: 99) }
        #expect(throws: Errno(EISDIR)) { try StateFile.read(folder.path) }
    }

    @Test("directories are made with their parents, private, and what exists stays as it is")
    func directories() throws {
        let path = folder.file("a/b/c")
        try StateFile.makeDirectory(path)
        #expect(try mode(folder.file("a")) == 0o700)
        #expect(try mode(path) == 0o700)
        chmod(path, 0o755)
        try StateFile.makeDirectory(path)
        #expect(try mode(path) == 0o755)
        let file = folder.file("file")
        try StateFile.write(file, [], durable: false)
        #expect(throws: Errno(ENOTDIR)) { try StateFile.makeDirectory(file) }
        #expect(throws: Errno(ENOTDIR)) { try StateFile.makeDirectory(file + "/below") }
    }
}
