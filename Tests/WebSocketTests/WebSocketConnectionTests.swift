import LinuxIO
import NodeCore
import NodeCrypto
import NodeTesting
import Testing

@testable import WebSocket

@Suite struct WebSocketConnectionTests {
    static let sizes = [0, 1, 125, 126, 127, 65_535, 65_536, 65_537, 1 << 20]

    @Test("messages of every size arrive as they were sent, both ways", arguments: ConnectedPair.Transport.allCases)
    func sizes(_ transport: ConnectedPair.Transport) async throws {
        try await ConnectedPair.run(transport) { pair in
            for size in Self.sizes {
                let text = sampleText(size)
                async let sent: Void = pair.client.send(.text(text))
                #expect(try await pair.server.receive() == .text(text))
                try await sent
                async let back: Void = pair.server.send(.binary(text))
                #expect(try await pair.client.receive() == .binary(text))
                try await back
            }
        }
    }
}
