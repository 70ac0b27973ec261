import Glibc
import NodeTesting
import Testing

@testable import LinuxIO

@Suite(.timeLimit(.minutes(5))) struct ProgramRunTests {
    private func shell(
        _ script: String, _ argument: String = "", outputLimit: Int = 1 << 20, clock: HandClock = HandClock(),
        on loop: EventLoop
    ) async throws(ProgramRun.Failure) -> ProgramRun {
        try await ProgramRun.run(
            "/bin/sh", ["-c", script, "sh", argument], outputLimit: outputLimit, deadline: clock.now + .seconds(30),
            timekeeper: clock, on: loop)
    }

    private func fault(
        _ script: String, _ argument: String = "", outputLimit: Int = 1 << 20, clock: HandClock = HandClock(),
        on loop: EventLoop
    ) async -> ProgramRun.Failure? {
        do throws(ProgramRun.Failure) {
            _ = try await shell(script, argument, outputLimit: outputLimit, clock: clock, on: loop)
            return nil
        } catch { return error }
    }

    @Test("what a program writes and says is kept apart, and it has no input") func outcome() async throws {
        try await onEventLoop { loop in
            let run = try await shell("cat; echo a picture; echo trouble >&2; exit 3", on: loop)
            #expect(run.status == .exited(3))
            #expect(String(decoding: run.output, as: UTF8.self) == "a picture\n")
            #expect(run.said == "trouble\n")
        }
    }

    @Test("large outputs arrive whole, and of long talk the end") func large() async throws {
        try await onEventLoop { loop in
            let run = try await shell(
                "head -c 3000000 /dev/zero; head -c 3000000 /dev/zero >&2; echo end >&2", outputLimit: 3_000_000,
                on: loop)
            #expect(run.output.count == 3_000_000)
            #expect(run.said.utf8.count <= 16 * 1024 && run.said.hasSuffix("end\n"))
        }
    }

    @Test("a program that is not there is an error at once") func missing() async throws {
        try await onEventLoop { loop in
            do throws(ProgramRun.Failure) {
                _ = try await ProgramRun.run(
                    "/nowhere", [], outputLimit: 1, deadline: loop.now, timekeeper: loop, on: loop)
                Issue.record("it ran")
            } catch { #expect(error == .notStarted(Errno(ENOENT))) }
        }
    }

    /// Returns when nothing of the program's process group runs any more. The leader has been cleared away before.
    private func expectEnd(of file: String) async throws {
        let text = String(decoding: try StateFile.read(file), as: UTF8.self)
        let pids = text.split(separator: "\n").compactMap { Int32($0) }
        try #require(pids.count == 2)
        #expect(kill(pids[0], 0) == -1)
        await death(of: pids[1])
    }

    /// Says so when both processes run.
    private static let hanging = #"echo stuck >&2; sleep 1000 & echo "$$\n$!" > "$1.new"; mv "$1.new" "$1"; wait"#

    @Test("one that does not end in time is killed with all its children, and what it said is told")
    func hang() async throws {
        let scratch = try ScratchFolder()
        try await onEventLoop { loop in
            let (clock, watch) = (HandClock(), try DirectoryWatch(scratch.path, on: loop))
            async let failure = fault(Self.hanging, scratch.file("pids"), clock: clock, on: loop)
            while !scratch.names.contains("pids") { try await watch.next() }
            clock.advance(by: .seconds(30))
            #expect(await failure == .tooLong(said: "stuck\n"))
            try await expectEnd(of: scratch.file("pids"))
        }
    }

    @Test("one that writes more than it may is killed") func flood() async throws {
        try await onEventLoop { loop in
            #expect(await fault("cat /dev/zero", outputLimit: 100_000, on: loop) == .tooMuch)
        }
    }

    @Test("withdrawing kills it with all its children, and returns when it is cleared away")
    func cancelled() async throws {
        let scratch = try ScratchFolder()
        try await onEventLoop { loop in
            let watch = try DirectoryWatch(scratch.path, on: loop)
            let failure = try await withThrowingTaskGroup(of: ProgramRun.Failure?.self) { group in
                group.addTask { await fault(Self.hanging, scratch.file("pids"), on: loop) }
                while !scratch.names.contains("pids") { try await watch.next() }
                group.cancelAll()
                return try await group.next() ?? nil
            }
            #expect(failure == .cancelled)
            try await expectEnd(of: scratch.file("pids"))
        }
    }
}
