import Glibc
import LinuxIO
import Testing

@testable import Worker

/// One after the other, because one of them measures memory.
@Suite("Large messages", .serialized, .timeLimit(.minutes(1))) struct LargeMessageTests {
    @Test("params and replies longer than a message arrive whole", arguments: [4 * 1024, 4 * 1024 + 1, 5 << 20])
    func longText(size: Int) async throws {
        try await Probe.run { probe in
            // Each of these characters takes six in a header.
            let text = "\"" + String(repeating: "\u{1}", count: size - 2) + "\""
            #expect(await probe.ask("echo", text).text == text)
        }
    }

    @Test("24 MB of blob arrive whole and leave the heap alone")
    func blob() async throws {
        try await Probe.run { probe in
            _ = await probe.ask("blob", #"{"size":1}"#)
            let size = 24_000_000
            let before = try anonymousMemory()
            let reply = await probe.ask("blob", #"{"size":\#(size)}"#)
            let growth = try anonymousMemory() - before
            let blob = try #require(reply.blob)
            #expect(reply.text == "{}")
            #expect(blob.field == "base64")
            #expect(blob.file.size == size)
            #expect(growth < 8 << 20, "grew by \(growth) bytes")
            #expect(try holdsPattern(blob.file))
        }
    }

    private func anonymousMemory() throws -> Int {
        let status = String(decoding: try StateFile.read("/proc/self/status"), as: UTF8.self)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("RssAnon:") })
        return try #require(Int(line.split(whereSeparator: \.isWhitespace)[1])) * 1024
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
