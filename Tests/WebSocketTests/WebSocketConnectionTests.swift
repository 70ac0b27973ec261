import Glibc
import LinuxIO
import NodeCore
import NodeTesting
import Testing

@testable import WebSocket

@Suite struct WebSocketConnectionTests {
    static let sizes = [0, 1, 125, 126, 127, 65_535, 65_536, 65_537, 1 << 20, 25 << 20]

    @Test("messages of every size arrive as they were sent, both ways", arguments: ConnectedPair.Transport.allCases)
    func sizes(_ transport: ConnectedPair.Transport) async throws {
        try await ConnectedPair.run(transport) { pair in
            for size in Self.sizes {
                let text = sampleText(size)
                async let sent: Void = pair.client.send(.text(text))
                #expect(try await pair.server.receive() == .text(text), "\(size) bytes")
                try await sent
                async let back: Void = pair.server.send(.binary(text))
                #expect(try await pair.client.receive() == .binary(text), "\(size) bytes")
                try await back
            }
        }
    }

    @Test("a blob arrives as base64 between its head and tail", arguments: ConnectedPair.Transport.allCases)
    func streamed(_ transport: ConnectedPair.Transport) async throws {
        try await ConnectedPair.run(transport) { pair in
            for size in [0, 1, 1_000, 49_152, 49_153, 1 << 20, 18 << 20] {
                let (file, encoded) = try blob(size)
                let head = Array("{\"payload\":{\"base64\":\"".utf8)
                let tail = Array("\"}}".utf8)
                async let sent: Void = pair.client.send(.streamed(head: head, blob: file, tail: tail))
                #expect(try await pair.server.receive() == .text(head + encoded + tail), "\(size) bytes")
                try await sent
            }
        }
    }

    @Test("messages of many senders at once all arrive whole", arguments: ConnectedPair.Transport.allCases)
    func concurrentSenders(_ transport: ConnectedPair.Transport) async throws {
        try await ConnectedPair.run(transport) { pair in
            let (file, encoded) = try blob(300_000)
            var expected: [[UInt8]: Int] = [encoded: 10]
            for index in 0..<100 { expected[sampleText(index * 1_500), default: 0] += 1 }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<100 {
                    group.addTask { try await pair.client.send(.text(sampleText(index * 1_500))) }
                    guard index < 10 else { continue }
                    group.addTask { try await pair.client.send(.streamed(head: [], blob: file, tail: [])) }
                }
                for _ in 0..<110 {
                    let message = try #require(try await pair.server.receive()).bytes
                    let left = try #require(expected[message])
                    expected[message] = left == 1 ? nil : left - 1
                }
                try await group.waitForAll()
            }
            #expect(expected.isEmpty)
        }
    }

    @Test("pings are answered while messages are waited for", arguments: ConnectedPair.Transport.allCases)
    func pings(_ transport: ConnectedPair.Transport) async throws {
        try await ConnectedPair.run(transport) { pair in
            async let atClient = pair.client.receive()
            async let atServer = pair.server.receive()
            try await pair.client.ping([1, 2, 3], within: .seconds(20))
            try await pair.server.ping([], within: .seconds(20))
            try await pair.client.send(.text([0x61]))
            try await pair.server.send(.text([0x62]))
            #expect(try await atServer == .text([0x61]))
            #expect(try await atClient == .text([0x62]))
        }
    }

    @Test("a ping nobody answers is given up")
    func unansweredPing() async throws {
        try await ConnectedPair.run { pair in
            let error = await failure { () async throws(WebSocketError) in
                try await pair.client.ping([1], within: .milliseconds(20))
            }
            #expect(error == .timedOut("the answer to a ping"))
        }
    }

    @Test(
        "a peer that takes nothing of a message for as long as it may ends the connection, for those who read as well")
    func writeLimit() async throws {
        try await RawPeer.run { peer, connection, _ in
            connection.setWriteLimit(.milliseconds(100))
            let (file, _) = try blob(18 << 20)
            async let message = failure { () async throws(WebSocketError) in _ = try await connection.receive() }
            let error = await failure { () async throws(WebSocketError) in
                try await connection.send(.streamed(head: [0x22], blob: file, tail: [0x22]))
            }
            #expect(error == .timedOut("the peer's reading"))
            #expect(await message == error)
            withExtendedLifetime(peer) {}
        }
    }

    @Test("a pong goes between the fragments of a blob, long before its end")
    func pongDuringStream() async throws {
        try await RawPeer.run { peer, connection, _ in
            let (file, _) = try blob(18 << 20)
            async let received = connection.receive()
            async let sent: Void = connection.send(.streamed(head: [0x22], blob: file, tail: [0x22]))
            _ = try await peer.readFrames { header, _ in header.opcode == .text }
            try await peer.write(frame(0x89, [7], to: .client))
            let frames = try await peer.readFrames { header, _ in header.isFinal && header.opcode == .continuation }
            let pong = try #require(frames.firstIndex { $0.header.opcode == .pong })
            #expect(frames[pong].payload == [7])
            // 6 MiB of receive buffer may be ahead of it at most.
            #expect(frames.count - pong > 100)
            try await sent
            try await peer.write(frame(0x81, [0x61], to: .client))
            #expect(try await received == .text([0x61]))
        }
    }

    @Test("a peer that floods with pings and reads nothing costs little memory, and hears of its last ping")
    func pingFlood() async throws {
        try await RawPeer.run { peer, connection, _ in
            async let message = connection.receive()
            let pings = (0..<400).flatMap { frame(0x89, [UInt8](repeating: UInt8($0 & 255), count: 125), to: .client) }
            // 20 MB of pings; their pongs fill the kernel's buffers first, and ours then.
            for _ in 0..<400 { try await peer.write(pings) }
            try await peer.write(frame(0x89, Array("last".utf8), to: .client))
            let pongs = try await peer.readFrames { _, payload in payload == Array("last".utf8) }
            #expect(pongs.count < 400 * 400)
            #expect(pongs.allSatisfy { $0.header.opcode == .pong })
            try await peer.write(frame(0x81, [0x61], to: .client))
            #expect(try await message == .text([0x61]))
        }
    }

    @Test("a peer that floods with messages leaves the others their time", arguments: ["ab", ""])
    func flood(text: String) async throws {
        try await RawPeer.run { peer, connection, loop in
            let count = 20_000
            // All of it has come before the first is taken.
            let frame: [UInt8] = [0x81, UInt8(text.utf8.count)] + Array(text.utf8)
            try await peer.write(Array(repeating: frame, count: count).flatMap { $0 })
            let (first, last) = (OneShot(), OneShot())
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for _ in 0..<count {
                        _ = try await connection.receive()
                        first.fire()
                    }
                    last.fire()
                }
                group.addTask {
                    try await first.fired()
                    #expect(!last.hasFired)
                }
                try await group.waitForAll()
            }
        }
    }

    @Test("a small message overtakes a large one that has not begun")
    func overtaking() async throws {
        try await RawPeer.run { peer, connection, _ in
            let (file, encoded) = try blob(16 << 20)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await connection.send(.streamed(head: [], blob: file, tail: [])) }
                // Its first fragment is here: the way is taken from now on, and 16 MiB are not read.
                let first = try await peer.readFrames { _, _ in true }
                group.addTask { try await connection.send(.text(sampleText(100_000))) }
                await Self.letOthersRun()
                group.addTask { try await connection.send(.text([0x61])) }
                await Self.letOthersRun()
                var finals = 0
                let frames = try await peer.readFrames { header, _ in
                    finals += header.isFinal ? 1 : 0
                    return finals == 3
                }
                try await group.waitForAll()
                let messages = (first + frames).reduce(into: [[UInt8]()]) { messages, frame in
                    messages[messages.count - 1] += frame.payload
                    if frame.header.isFinal { messages.append([]) }
                }
                #expect(messages == [encoded, [0x61], sampleText(100_000), []])
            }
        }
    }

    @Test("a peer that does not read holds the sender up")
    func backPressure() async throws {
        try await ConnectedPair.run { pair in
            let notes = Notes()
            let large = [UInt8](repeating: 0x61, count: 30 << 20)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await pair.client.send(.text(large))
                    await notes.add("sent")
                }
                for _ in 0..<10 { await Self.letOthersRun() }
                await notes.add("reading")
                #expect(try await pair.server.receive()?.bytes.count == large.count)
                try await group.waitForAll()
            }
            #expect(await notes.all == ["reading", "sent"])
        }
    }

    @Test("a receive that was cancelled loses nothing")
    func cancelledReceive() async throws {
        try await RawPeer.run { peer, connection, _ in
            try await peer.write(Array(frame(0x81, Array("Hello".utf8), to: .client).prefix(4)))
            await withTaskGroup(of: WebSocketError?.self) { group in
                group.addTask { await failure { () async throws(WebSocketError) in try await connection.receive() } }
                await Self.letOthersRun()
                group.cancelAll()
                #expect(await group.next() == .cancelled)
            }
            try await peer.write(Array(frame(0x81, Array("Hello".utf8), to: .client).dropFirst(4)))
            #expect(try await connection.receive() == .text(Array("Hello".utf8)))
        }
    }

    @Test("a send that is cancelled in mid-message ends the connection")
    func cancelledSend() async throws {
        try await RawPeer.run { peer, connection, _ in
            let (file, _) = try blob(16 << 20)
            try await withThrowingTaskGroup(of: WebSocketError?.self) { group in
                group.addTask {
                    await failure { () async throws(WebSocketError) in
                        try await connection.send(.streamed(head: [], blob: file, tail: []))
                    }
                }
                _ = try await peer.readFrames { _, _ in true }
                group.cancelAll()
                #expect(try await group.next() == .cancelled)
            }
            #expect(try await peer.readToTheEnd().wasReset)
            await #expect(throws: WebSocketError.lost(nil)) { try await connection.send(.text([])) }
            await #expect(throws: WebSocketError.lost(nil)) { try await connection.receive() }
        }
    }

    @Test("a send that is cancelled before its turn leaves no trace")
    func cancelledBeforeTurn() async throws {
        try await RawPeer.run { peer, connection, _ in
            let (file, encoded) = try blob(16 << 20)
            async let first: Void = connection.send(.streamed(head: [], blob: file, tail: []))
            let start = try await peer.readFrames { _, _ in true }
            await withTaskGroup(of: WebSocketError?.self) { group in
                group.addTask {
                    await failure { () async throws(WebSocketError) in try await connection.send(.text([0x61])) }
                }
                await Self.letOthersRun()
                group.cancelAll()
                #expect(await group.next() == .cancelled)
            }
            let rest = try await peer.readFrames { header, _ in header.isFinal }
            #expect((start + rest).flatMap(\.payload) == encoded)
            try await first
            try await connection.send(.text([0x62]))
            #expect(try await peer.readFrames { _, _ in true }.map(\.payload) == [[0x62]])
        }
    }

    @Test("a blob that gets shorter while it is sent ends the connection")
    func shortenedBlob() async throws {
        try await RawPeer.run { peer, connection, _ in
            let (file, _) = try blob(16 << 20)
            async let sent = failure { () async throws(WebSocketError) in
                try await connection.send(.streamed(head: [], blob: file, tail: []))
            }
            _ = try await peer.readFrames { _, _ in true }
            #expect(ftruncate(file.descriptor, 1) == 0)
            #expect(try await peer.readToTheEnd().wasReset)
            #expect(await sent == .lost(Errno(EIO)))
        }
    }

    /// Gives whatever can go on without more news the time to do so; tasks of one loop take turns.
    static func letOthersRun() async {
        for _ in 0..<200 { await Task.yield() }
    }
}

/// A file of `size` bytes and its base64.
func blob(_ size: Int) throws -> (file: MemoryFile, encoded: [UInt8]) {
    let bytes = sampleText(size)
    let file = try MemoryFile(name: "blob")
    try file.append(bytes)
    return (file, Base64.encode(bytes))
}
