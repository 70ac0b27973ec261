import LinuxIO
import NodeTesting
import Testing

@testable import WebSocket

/// A server that never pauses, so that there is always something to read.
@Suite struct FloodTests {
    private func beside(_ body: @escaping @Sendable (ForeignServer) async throws -> Void) async throws {
        let flood = "/" + #filePath.split(separator: "/").dropLast(2).joined(separator: "/") + "/Peers/flood.py"
        try await onEventLoop { loop in
            try await ForeignServer.run(
                "/usr/bin/python3", on: loop, arguments: { port, _ in [flood, "\(port)"] }, body)
        }
    }

    @Test("no end of interim answers takes longer than a connection may") func interim() async throws {
        try await beside { server in
            let target = WebSocketTarget(host: "127.0.0.1", port: server.port, path: "/interim")
            let error = await failure { () async throws(WebSocketError) in
                try await WebSocketConnection.connect(
                    to: target, on: server.loop, maxMessage: 1, timeout: .milliseconds(200))
            }
            #expect(error == .timedOut("connecting to 127.0.0.1"))
        }
    }

    @Test("no answer takes longer than it may, or more memory", arguments: ["/interim", "/trailer", "/page"])
    func answers(path: String) async throws {
        try await beside { server in
            let target = WebSocketTarget(host: "127.0.0.1", port: server.port)
            let error = await failure { () async throws(WebSocketError) in
                try await HTTPExchange.perform(
                    .get(path), at: target, on: server.loop, timeout: .milliseconds(path == "/page" ? 20_000 : 200))
            }
            #expect(
                error
                    == (path == "/page"
                        ? .badAnswer("it is longer than 65536 bytes") : .timedOut("the answer of 127.0.0.1")))
        }
    }

    @Test(
        "whoever waits for a message can be cancelled, and the connection be closed",
        arguments: ["/messages", "/pings"])
    func open(path: String) async throws {
        try await beside { server in
            let target = WebSocketTarget(host: "127.0.0.1", port: server.port, path: path)
            let connection = try await WebSocketConnection.connect(
                to: target, on: server.loop, maxMessage: 1_000, timeout: .seconds(20))
            let end = await failure { () async throws(WebSocketError) in
                _ = try await within(.milliseconds(200), on: server.loop) { () async throws(WebSocketError) in
                    while try await connection.receive() != nil {}
                }
            }
            #expect(end == nil)
            await connection.close(.normal, reason: "")
        }
    }
}
