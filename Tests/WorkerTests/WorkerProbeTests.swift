import Glibc
import LinuxIO
import NodeCore
import NodeTesting
import Testing

@testable import Worker

@Suite(.timeLimit(.minutes(5))) struct WorkerProbeTests {
    @Test("a worker tells its version, and is gone afterwards") func version() async throws {
        let locks = try ScratchFolder()
        try await onEventLoop { loop in
            let source = WorkerSource.program(
                WorkerProgram(name: "worker-probe", arguments: ["10000", locks.path], variables: [:]))
            let version = try await source.probe(on: loop, within: .seconds(60))
            #expect(version == nodeVersion)
            // It holds one for as long as it lives.
            #expect(locks.names.count == 1)
            for name in locks.names { #expect(try !FileLock.isHeld(locks.file(name))) }
        }
    }

    @Test(
        "one whose user is to be another is that user's, with no more groups, and the same process",
        .enabled(if: geteuid() == 0, "needs root, who alone can give a process to somebody else"))
    func owner() async throws {
        let scratch = try ScratchFolder()
        try call { chown(scratch.path, 61_234, 61_235) }
        let owner = try #require(DirectoryOwner(besideRoot: scratch.path))
        try await onEventLoop { loop in
            var program = WorkerProgram(
                name: "sh", arguments: ["-c", "echo $$ $(id -u) $(id -g) $(id -G) >&3"], variables: ["PATH": "/usr/bin"]
            )
            program.owner = owner
            let sockets = try MessageSocket.pair(on: loop)
            let child = try program.start("/bin/sh", channel: sockets.theirs, on: loop)
            let said = try #require(try await sockets.ours.receive()?.bytes)
            #expect(String(decoding: said, as: UTF8.self) == "\(child.pid) 61234 61235 61235\n")
            #expect(try await child.wait() == .exited(0))
        }
        #expect(DirectoryOwner(besideRoot: "/") == nil && DirectoryOwner(besideRoot: scratch.file("none")) == nil)
    }

    @Test("one that is not there is told") func absent() async throws {
        try await onEventLoop { loop in
            let absent = WorkerSource.program(WorkerProgram(name: "no-such-worker", variables: [:]))
            await #expect(throws: Refusal.self) { try await absent.probe(on: loop, within: .seconds(60)) }
        }
    }

    @Test(
        "a socket that nobody listens at comes with the line of the service manager that would",
        arguments: [
            ("/nonexistent/media.sock", "sudo systemctl enable --now w.socket"),
            ("/run/user/987654/media.sock", "systemctl --user enable --now w.socket"),
        ])
    func unlistened(path: String, line: String) async throws {
        try await onEventLoop { loop in
            do throws(Refusal) {
                let version = try await WorkerSource.socket(path: path, name: "w").probe(on: loop, within: .seconds(60))
                Issue.record("it is version \(version)")
            } catch { #expect(error.message.hasSuffix(line)) }
        }
    }
}
