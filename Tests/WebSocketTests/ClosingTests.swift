import Glibc
import LinuxIO
import NodeTesting
import Testing

@testable import WebSocket

@Suite struct ClosingTests {
    @Test(
        "either side can close, and the other is told why", arguments: ConnectedPair.Transport.allCases, [true, false])
    func close(_ transport: ConnectedPair.Transport, byClient: Bool) async throws {
        try await ConnectedPair.run(transport) { pair in
            let (closer, other) = byClient ? (pair.client, pair.server) : (pair.server, pair.client)
            async let message = other.receive()
            await closer.close(.serviceRestart, reason: "service restart")
            let received = try await message
            #expect(received == nil)
            #expect(other.closeFrame?.code == .serviceRestart)
            #expect(other.closeFrame?.reason == "service restart")
            // The echo.
            #expect(closer.closeFrame?.code == .serviceRestart)
            #expect(try await other.receive() == nil)
            #expect(try await closer.receive() == nil)
            await #expect(throws: WebSocketError.lost(nil)) { try await other.send(.text([])) }
            await #expect(throws: WebSocketError.lost(nil)) { try await closer.send(.text([])) }
            await #expect(throws: WebSocketError.lost(nil)) { try await closer.ping([], within: .seconds(20)) }
        }
    }

    @Test("both sides can close at once, and closing twice is nothing")
    func both() async throws {
        try await ConnectedPair.run { pair in
            async let first: Void = pair.client.close(.normal, reason: "a")
            async let second: Void = pair.server.close(.goingAway, reason: "b")
            _ = await (first, second)
            #expect(pair.client.closeFrame?.code == .goingAway)
            #expect(pair.server.closeFrame?.code == .normal)
            await pair.client.close(.normal, reason: "again")
            #expect(pair.client.closeFrame?.reason == "b")
        }
    }

    @Test("what was sent before the close frame still arrives, while somebody else waits in receive")
    func messagesBeforeClose() async throws {
        try await ConnectedPair.run { pair in
            try await pair.server.send(.text([0x61]))
            async let atServer = pair.server.receive()
            async let closed: Void = pair.server.close(.normal, reason: "")
            #expect(try await pair.client.receive() == .text([0x61]))
            #expect(try await pair.client.receive() == nil)
            #expect(try await atServer == nil)
            await closed
        }
    }

    @Test("a close frame without a code is answered with one")
    func noStatus() async throws {
        try await RawPeer.run { peer, connection, _ in
            try await peer.write(frame(0x88, to: .client))
            #expect(try await connection.receive() == nil)
            #expect(connection.closeFrame?.code == .noStatus)
            let frames = try await peer.readFrames { _, _ in true }
            #expect(frames.map(\.header.opcode) == [.close])
            #expect(frames[0].payload.isEmpty)
            #expect(try await peer.read().isEmpty)
        }
    }

    @Test("a peer that never answers is reset, soon")
    func silentPeer() async throws {
        try await RawPeer.run { peer, connection, _ in
            let duration = await ContinuousClock().measure { await connection.close(.goingAway, reason: "bye") }
            #expect(duration >= .milliseconds(990))
            let frames = try await peer.readFrames { _, _ in true }
            #expect(frames[0].payload == [0x03, 0xE9] + Array("bye".utf8))
            #expect(try await peer.readToTheEnd().wasReset)
        }
    }

    @Test("a cancelled task can close as well as any other")
    func cancelled() async throws {
        try await ConnectedPair.run { pair in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    // Ends by being cancelled only.
                    do { try await pair.loop.sleep(for: .seconds(1_000)) } catch {
                        await pair.client.close(.goingAway, reason: "shutting down")
                    }
                }
                group.cancelAll()
                #expect(try await pair.server.receive() == nil)
                try await group.waitForAll()
            }
            #expect(pair.server.closeFrame?.code == .goingAway)
            #expect(pair.client.closeFrame?.code == .goingAway)
        }
    }

    @Test("closing cuts off a message under way, and the close frame arrives between its fragments")
    func duringStream() async throws {
        try await RawPeer.run { peer, connection, _ in
            let (file, _) = try blob(16 << 20)
            async let sent = failure { () async throws(WebSocketError) in
                try await connection.send(.streamed(head: [], blob: file, tail: []))
            }
            _ = try await peer.readFrames { _, _ in true }
            async let closed: Void = connection.close(.goingAway, reason: "")
            let frames = try await peer.readFrames { header, _ in header.opcode == .close }
            #expect(frames.allSatisfy { !$0.header.isFinal || $0.header.opcode == .close })
            try await peer.write(frame(0x88, [0x03, 0xE9], to: .client))
            await closed
            #expect(await sent == .lost(nil))
            #expect(connection.closeFrame?.code == .goingAway)
        }
    }

    @Test(
        "a connection that ends without a close frame is lost, in the middle of a frame or not", arguments: [0, 3, 60])
    func lost(_ bytes: Int) async throws {
        try await RawPeer.run { peer, connection, _ in
            try await peer.write(Array(frame(0x81, [UInt8](repeating: 0x61, count: 100), to: .client).prefix(bytes)))
            peer.socket.close()
            await #expect(throws: WebSocketError.lost(nil)) { try await connection.receive() }
            #expect(connection.closeFrame == nil)
        }
    }

    @Test("a reset is lost with its error, in the middle of a frame or not", arguments: [0, 60])
    func reset(_ bytes: Int) async throws {
        try await RawPeer.run { peer, connection, _ in
            try await peer.write(Array(frame(0x81, [UInt8](repeating: 0x61, count: 100), to: .client).prefix(bytes)))
            async let message = failure { () async throws(WebSocketError) in try await connection.receive() }
            await WebSocketConnectionTests.letOthersRun()
            peer.socket.reset()
            #expect(await message == .lost(Errno(ECONNRESET)))
            await #expect(throws: WebSocketError.lost(Errno(ECONNRESET))) { try await connection.send(.text([])) }
        }
    }

    @Test("abort ends whoever waits, on both sides", arguments: ConnectedPair.Transport.allCases)
    func abort(_ transport: ConnectedPair.Transport) async throws {
        try await ConnectedPair.run(transport) { pair in
            async let atClient = failure { () async throws(WebSocketError) in try await pair.client.receive() }
            async let atServer = failure { () async throws(WebSocketError) in try await pair.server.receive() }
            async let ping: Void = pair.client.ping([1], within: .seconds(1_000))
            try await pair.client.ping([2], within: .seconds(20))
            pair.client.abort()
            #expect(await atClient == .lost(nil))
            #expect(await atServer == .lost(Errno(ECONNRESET)))
            _ = try? await ping  // Answered before the end or not; what matters is that it returns.
        }
    }

    @Test(
        "what breaks the protocol is told to the peer with its code",
        arguments: [
            (frame(0x83, to: .client), CloseCode.protocolError), (frame(0x81, [0xFF], to: .client), .invalidPayload),
            (frame(0x82, [UInt8](repeating: 0, count: 1_001), to: .client), .messageTooBig),
        ])
    func violation(_ bytes: [UInt8], _ code: CloseCode) async throws {
        try await RawPeer.run(maxMessage: 1_000) { peer, connection, _ in
            async let message = failure { () async throws(WebSocketError) in try await connection.receive() }
            // What follows is thrown away, so that the close frame is not overtaken by a reset.
            try await peer.write(bytes + [UInt8](repeating: 0x55, count: 100_000))
            let frames = try await peer.readFrames { _, _ in true }
            #expect(frames[0].header.opcode == .close)
            #expect(frames[0].payload.prefix(2) == [UInt8(code.rawValue >> 8), UInt8(code.rawValue & 255)])
            #expect(try await peer.readToTheEnd().wasReset == false)
            peer.socket.close()
            guard case .violation(code, let reason) = await message else {
                Issue.record("no violation")
                return
            }
            #expect(!reason.isEmpty)
            await #expect(throws: WebSocketError.self) { try await connection.send(.text([])) }
        }
    }

    @Test("the limit can be raised, and one side's violation is the other's close frame")
    func limit() async throws {
        try await ConnectedPair.run(maxMessage: 1_000) { pair in
            pair.server.setMaxMessage(2_000)
            try await pair.client.send(.text(sampleText(2_000)))
            #expect(try await pair.server.receive()?.bytes.count == 2_000)
            try await pair.client.send(.text(sampleText(2_001)))
            async let atClient = pair.client.receive()
            let tooBig = WebSocketError.violation(.messageTooBig, "a message of more than 2000 bytes")
            await #expect(throws: tooBig) { try await pair.server.receive() }
            #expect(try await atClient == nil)
            #expect(pair.client.closeFrame?.code == .messageTooBig)
        }
    }
}
