import Glibc
import NodeTesting
import Testing

@testable import LinuxIO

@Suite(.timeLimit(.minutes(5))) struct ChildProcessTests {
    private func shell(
        _ script: String, _ arguments: [String] = [], environment: [String: String]? = nil,
        descriptors: [(CInt, as: CInt)] = [], on loop: EventLoop
    ) throws(Errno) -> ChildProcess {
        try ChildProcess.spawn(
            "/bin/sh", arguments: ["-c", script, "sh"] + arguments, environment: environment, descriptors: descriptors,
            on: loop)
    }

    @Test("an exit tells its status, a signal its number")
    func status() async throws {
        try await onEventLoop { loop in
            for status: CInt in [0, 1, 127] {
                let end = try await shell("exit \(status)", on: loop).wait()
                #expect(end == .exited(status))
            }
            let end = try await shell("kill -KILL $$", on: loop).wait()
            #expect(end == .signalled(SIGKILL))
        }
    }

    @Test("a program that is not there is an error at once")
    func missing() async throws {
        try await onEventLoop { loop in
            #expect(throws: Errno(ENOENT)) {
                try ChildProcess.spawn("/nowhere/at/all", arguments: [], on: loop)
            }
            #expect(throws: Errno(EACCES)) { try ChildProcess.spawn("/etc/passwd", arguments: [], on: loop) }
        }
    }

    @Test("arguments and environment arrive as they are, and nothing else does")
    func arguments() async throws {
        try await onEventLoop { loop in
            let script = #"test "$1" = "a b" && test "$2" = "" && test "$A" = "ü=1" && test -z "$HOME""#
            let end = try await shell(script, ["a b", ""], environment: ["A": "ü=1"], on: loop).wait()
            #expect(end == .exited(0))
            let inherited = try await shell(#"test -n "$PATH""#, on: loop).wait()
            #expect(inherited == .exited(0))
        }
    }

    @Test("a child has the descriptors it is given under their numbers, the standard three, and no other")
    func descriptors() async throws {
        try await onEventLoop { loop in
            let files = try ["three", "seven"].map { try MemoryFile(name: $0) }
            defer { withExtendedLifetime(files) {} }
            // Not closed on exec, as a careless library would leave it.
            let leak = dup(files[0].descriptor)
            _ = fcntl(leak, F_SETFD, 0)
            defer { close(leak) }
            let pair = try MessageSocket.pair(on: loop)
            let child = try ChildProcess.spawn(
                "/bin/cat", arguments: [],
                descriptors: [
                    (files[1].descriptor, as: 7), (files[0].descriptor, as: 3), (pair.theirs.raw, as: STDIN_FILENO),
                    (pair.theirs.raw, as: STDOUT_FILENO),
                ], on: loop)
            // Until it answers, the dynamic loader may have a library open.
            try await pair.ours.send([1])
            #expect(try await pair.ours.receive()?.bytes == [1])
            let links = (0..<1024).reduce(into: [CInt: String]()) { links, number in
                var target = [CChar](repeating: 0, count: 256)
                let count = readlink("/proc/\(child.pid)/fd/\(number)", &target, target.count)
                if count > 0 {
                    links[CInt(number)] = String(
                        decoding: target[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
                }
            }
            #expect(links.keys.sorted() == [0, 1, 2, 3, 7])
            #expect(links[3] == "/memfd:three (deleted)")
            #expect(links[7] == "/memfd:seven (deleted)")
            child.signal(SIGKILL)
            _ = try await child.wait()
        }
    }

    @Test("descriptors may change places")
    func swapped() async throws {
        try await onEventLoop { loop in
            let files = try ["first", "second"].map { try MemoryFile(name: $0) }
            defer { withExtendedLifetime(files) {} }
            let numbers = files.map(\.descriptor)
            let child = try shell(
                "printf one >/proc/self/fd/\(numbers[1]); printf two >/proc/self/fd/\(numbers[0])",
                descriptors: [(numbers[0], as: numbers[1]), (numbers[1], as: numbers[0])], on: loop)
            let end = try await child.wait()
            #expect(end == .exited(0))
            #expect(try content(files[0]) == "one")
            #expect(try content(files[1]) == "two")
        }
    }

    private func content(_ file: MemoryFile) throws -> String {
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = try bytes.withUnsafeMutableBytes { try file.read(into: $0, at: 0) }
        return String(decoding: bytes[..<count], as: UTF8.self)
    }

    @Test("a child leads a process group, and signals reach all of it")
    func group() async throws {
        try await onEventLoop { loop in
            let pipe = try Pipe()
            let child = try shell("sleep 1000 & echo; wait", descriptors: [(pipe.writing, as: STDOUT_FILENO)], on: loop)
            pipe.closeWriting()
            let watch = try Readiness(pipe.reading, on: loop)
            // The grandchild is there when the line is.
            _ = try await watch.wait(for: .read)
            #expect(getpgid(child.pid) == child.pid)
            #expect(!pipe.isAtEnd)
            child.signal(SIGKILL)
            let end = try await child.wait()
            #expect(end == .signalled(SIGKILL))
            // Its end comes when the grandchild, which has it too, is no more.
            while !pipe.isAtEnd { _ = try await watch.wait(for: .read) }
            watch.cancel()
        }
    }

    @Test("signals that we ignore or block are neither for a child")
    func signals() async throws {
        try await onEventLoop { loop in
            signal(SIGUSR2, SIG_IGN)
            var set = sigset_t()
            sigemptyset(&set)
            sigaddset(&set, SIGUSR2)
            pthread_sigmask(SIG_BLOCK, &set, nil)
            let end = try await shell("kill -USR2 $$; exit 3", on: loop).wait()
            #expect(end == .signalled(SIGUSR2))
        }
    }

    @Test("a cancelled wait leaves the child alone, and may be made again")
    func cancelledWait() async throws {
        try await onEventLoop { loop in
            let child = try shell("sleep 1000", on: loop)
            let isCancelled = await withTaskGroup(of: Bool.self) { group in
                group.addTask {
                    do { _ = try await child.wait() } catch { return error is CancellationError }
                    return false
                }
                await Task.yield()
                group.cancelAll()
                return await group.next()
            }
            #expect(isCancelled == true)
            child.signal(SIGTERM)
            let end = try await child.wait()
            #expect(end == .signalled(SIGTERM))
        }
    }

    @Test("the end is remembered, and what has ended is not signalled")
    func afterwards() async throws {
        try await onEventLoop { loop in
            let child = try shell("exit 5", on: loop)
            for _ in 0..<2 {
                let end = try await child.wait()
                #expect(end == .exited(5))
            }
            child.signal(SIGKILL)
            #expect(kill(child.pid, 0) == -1)
        }
    }
}
