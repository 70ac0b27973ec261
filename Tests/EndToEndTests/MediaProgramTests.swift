import Glibc
import LinuxIO
import NodeTesting
import Testing

@Suite(.timeLimit(.minutes(5))) struct MediaProgramTests {
    @Test(
        "the daemon's options say how the worker logs, over the file",
        arguments: [
            ([], " warning The daemon spoke out of turn worker=clawnode-media\n"),
            (
                ["--log-format", "json"],
                ",\"level\":\"warning\",\"message\":\"The daemon spoke out of turn\",\"worker\":\"clawnode-media\"}\n"
            ),
            (["--log-level", "error"], ""),
        ])
    func log(words: [String], line: String) async throws {
        let scratch = try ScratchFolder()
        let file = scratch.file("clawnode.json")
        try StateFile.write(file, Array("{\"logLevel\": \"debug\"}".utf8), durable: false)
        let end = try await onEventLoop { loop in
            let log = try FileDescriptor(opening: scratch.file("log"), flags: O_WRONLY | O_CREAT, mode: 0o600)
            let pair = try MessageSocket.pair(on: loop)
            let worker = try ChildProcess.spawn(
                Stage.program + "-media", arguments: ["--config", file] + words,
                descriptors: [(log.raw, as: 2), (pair.theirs.raw, as: 3)], on: loop)
            defer { worker.signal(SIGKILL) }
            try await pair.ours.send(Array("{\"resting\":{}}".utf8))
            // It has said hello, and after that it reads.
            _ = try await pair.ours.receive()
            pair.ours.close()
            return try await worker.wait()
        }
        #expect(end == .exited(0))
        let text = String(decoding: try StateFile.read(scratch.file("log")), as: UTF8.self)
        #expect(line.isEmpty ? text.isEmpty : text.hasSuffix(line), "\(text)")
    }
}
