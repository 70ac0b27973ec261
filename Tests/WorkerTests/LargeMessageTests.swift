import Glibc
import LinuxIO
import NodeTesting
import Testing

@testable import Worker

@Suite("Large messages", .timeLimit(.minutes(5))) struct LargeMessageTests {
    @Test("params and replies longer than a message arrive whole", arguments: [4 * 1024, 4 * 1024 + 1, 5 << 20])
    func longText(size: Int) async throws {
        try await Probe.run { probe in
            // Each of these characters takes six in a header.
            let text = "\"" + String(repeating: "\u{1}", count: size - 2) + "\""
            #expect(await probe.ask("echo", text).text == text)
        }
    }

    @Test("24 MB of blob arrive whole")
    func blob() async throws {
        try await Probe.run { probe in
            let reply = await probe.ask("blob", #"{"size":24000000}"#)
            let blob = try #require(reply.blob)
            #expect(reply.text == "{}")
            #expect(blob.field == "base64")
            #expect(blob.file.size == 24_000_000)
            #expect(try holdsPattern(blob.file))
        }
    }

    @Test("24 MB of blob leave the heap of who asked alone")
    func heap() async throws {
        let locks = try ScratchFolder()
        let program = WorkerProgram(name: "worker-probe", variables: [:])
        let path = try program.find()
        let end = try await onEventLoop { loop in
            try await ChildProcess.spawn(path, arguments: ["measure", "24000000", locks.path], on: loop).wait()
        }
        let expected: [LinuxIO.ExitStatus] = [.exited(0), .exited(1)]
        #expect(expected.contains(end), "mebibytes, or a failure")
    }

    private func holdsPattern(_ file: MemoryFile) throws -> Bool {
        let piece = (0..<251 * 256).map { UInt8($0 % 251) }
        var buffer = [UInt8](repeating: 0, count: piece.count)
        var offset = 0
        while true {
            let count = try buffer.withUnsafeMutableBytes { try file.read(into: $0, at: offset) }
            if count == 0 { return offset == file.size }
            // A short read ends between pieces only at the end of the file.
            guard memcmp(buffer, piece, count) == 0, count == piece.count || offset + count == file.size else {
                return false
            }
            offset += count
        }
    }
}
