import Glibc
import NodeTesting
import Testing

@testable import LinuxIO

@Suite(.timeLimit(.minutes(5))) struct DirectoryWatchTests {
    private let folder: ScratchFolder

    init() throws {
        folder = try ScratchFolder()
    }

    @Test("what is written, moved in or removed is told", arguments: ["write", "rename", "remove"])
    func told(change: String) async throws {
        let folder = folder
        try StateFile.write(folder.file("old"), [1], durable: false)
        try await onEventLoop { loop in
            let watch = try DirectoryWatch(folder.path, on: loop)
            async let next: Void = watch.next()
            await Task.yield()
            switch change {
            case "write": close(open(folder.file("new"), O_WRONLY | O_CREAT | O_CLOEXEC, 0o600))
            case "rename": try StateFile.write(folder.file("old"), [2], durable: false)
            default: unlink(folder.file("old"))
            }
            try await next
        }
    }

    @Test("a change before anybody waits is told at once, many as one, and then there is quiet")
    func before() async throws {
        let folder = folder
        let isQuiet = try await onEventLoop { loop in
            let watch = try DirectoryWatch(folder.path, on: loop)
            for number in 0..<10 { try StateFile.write(folder.file("\(number)"), [1], durable: false) }
            try await watch.next()
            return await withTaskGroup(of: Bool.self) { group in
                group.addTask {
                    do { try await watch.next() } catch { return error is CancellationError }
                    return false
                }
                await Task.yield()
                group.cancelAll()
                return await group.next()
            }
        }
        #expect(isQuiet == true)
    }

    @Test("that the directory itself is removed or moved away is told, and is the end", arguments: ["remove", "move"])
    func over(change: String) async throws {
        let path = folder.file("watched")
        try call { mkdir(path, 0o700) }
        try await onEventLoop { loop in
            let watch = try DirectoryWatch(path, on: loop)
            try StateFile.write(path + "/file", [1], durable: false)
            try await watch.next()
            #expect(!watch.isOver)
            if change == "remove" { Directory.remove(path) } else { rename(path, path + ".old") }
            while !watch.isOver { try await watch.next() }
        }
    }

    @Test("a directory that is not there cannot be watched")
    func missing() async throws {
        let path = folder.file("missing")
        try await onEventLoop { loop in
            _ = #expect(throws: Errno(ENOENT)) { try DirectoryWatch(path, on: loop) }
        }
    }
}
