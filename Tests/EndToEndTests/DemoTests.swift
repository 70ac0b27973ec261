import Glibc
import LinuxIO
import NodeTesting
import PracticeGateway
import Testing

/// `clawnode-demo`, as it is called in some directory.
@Suite struct DemoTests {
    private func start(in folder: String, _ words: String..., on loop: EventLoop) throws -> HeardProgram {
        try HeardProgram(
            "/bin/sh", ["-c", "cd \"$0\" && exec \"$@\"", folder, Stage.program + "-demo"] + words, on: loop)
    }

    @Test("however the demo ends, its daemon does not stay", arguments: [SIGTERM, SIGHUP, SIGKILL])
    func leftAlone(signal: CInt) async throws {
        let folder = try ScratchFolder()
        try await onEventLoop { loop in
            let demo = try start(in: folder.path, "--keep-running", on: loop)
            // The last word before it waits.
            try await demo.hear("Ctrl-C ends both.")
            let scratch = try #require(demo.heard.firstMatch(of: /token is in (.*)\/token/)).1
            defer { Directory.remove(String(scratch)) }
            // Of a machine that has none of it, too.
            let report = String(decoding: try StateFile.read(folder.file("clawnode-demo/report.html")), as: UTF8.self)
            for element in ["<img", "<video", "<audio"] { #expect(report.contains(element)) }
            let status = try JSONReader.read(try StateFile.read(scratch + "/run/status.json"))
            let daemon = pid_t(try #require(status["pid"]?.integer))
            demo.process.signal(signal)
            #expect(try await demo.process.wait() == (signal == SIGTERM ? .exited(0) : .signalled(signal)))
            // Who can clear away has done so, for good.
            #expect((access(String(scratch), F_OK) == 0) == (signal != SIGTERM))
            let isLeft = await withTaskGroup(of: Bool.self) { group in
                group.addTask {
                    await death(of: daemon)
                    return false
                }
                group.addTask {
                    do { try await loop.sleep(for: .seconds(20)) } catch { return false }
                    kill(daemon, SIGKILL)
                    return true
                }
                defer { group.cancelAll() }
                return await group.next() ?? true
            }
            #expect(!isLeft)
        }
    }

    @Test("a demo that is interrupted leaves nothing behind") func interrupted() async throws {
        let folder = try ScratchFolder()
        try await onEventLoop { loop in
            let demo = try start(in: folder.path, on: loop)
            try await demo.hear("the node asks to be paired")
            let pid = demo.process.pid
            let children = try StateFile.read("/proc/\(pid)/task/\(pid)/children")
            let pids = String(decoding: children, as: UTF8.self).split(separator: " ").compactMap { pid_t($0) }
            let lines = pids.compactMap { try? StateFile.read("/proc/\($0)/cmdline") }
            let folders = lines.compactMap { line -> Substring? in
                String(decoding: line, as: UTF8.self).firstMatch(of: /\/tmp\/clawnode-demo-\w+/)?.0
            }
            let scratch = try #require(folders.first)
            demo.process.signal(SIGINT)
            #expect(try await demo.process.wait() == .exited(128 + SIGINT))
            #expect(access(String(scratch), F_OK) != 0)
            for pid in pids { #expect(kill(pid, 0) != 0) }
        }
    }

    @Test("where no report can be written, the demo says so at once, with the directory and what to do")
    func unwritable() async throws {
        let folder = try ScratchFolder()
        try StateFile.write(folder.file("clawnode-demo"), [], durable: false)
        try await onEventLoop { loop in
            // Root may write nearly everywhere, but in no file as if it were a folder, and not in the kernel's.
            for (place, reason) in [(folder.path, "Not a directory"), ("/proc", "")] {
                let demo = try start(in: place, on: loop)
                #expect(try await demo.process.wait() == .exited(73))
                try await demo.hearEnd()
                #expect(demo.heard.hasPrefix("clawnode-demo: \(place)/clawnode-demo cannot be written: \(reason)"))
                #expect(demo.heard.hasSuffix("start it again: cd && \(Stage.program)-demo\n"))
            }
        }
    }
}
