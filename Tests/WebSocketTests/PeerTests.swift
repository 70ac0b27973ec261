import Glibc
import LinuxIO
import NodeCrypto
import NodeTesting
import Testing

@testable import WebSocket

/// Other people's implementations, in both roles, by Debian's packages of these names.
enum Peer: String, CaseIterable, Sendable {
    /// python3-websockets
    case websockets
    /// python3-wsproto, with I/O of ours
    case wsproto
    /// node-ws
    case ws
    /// Python's own HTTP server; it knows no WebSockets.
    case http

    static let allCases = [websockets, wsproto, ws]

    fileprivate enum Role: String { case client, server }

    fileprivate func spawn(
        _ role: Role, _ arguments: [String], descriptors: [(CInt, as: CInt)] = [], on loop: EventLoop
    ) throws -> ChildProcess {
        let name = "\(rawValue)_\(role.rawValue)"
        return switch self {
        case .websockets, .wsproto, .http:
            // -B: nothing is to be written beside the scripts.
            try ChildProcess.spawn(
                "/usr/bin/python3", arguments: ["-B", script("\(name).py")] + arguments, descriptors: descriptors,
                on: loop)
        case .ws:
            // Node finds Debian's modules by itself, unless it is not Debian's.
            try ChildProcess.spawn(
                "/usr/bin/node", arguments: [script("\(name).js")] + arguments,
                environment: ["NODE_PATH": "/usr/share/nodejs"], descriptors: descriptors, on: loop)
        }
    }
}

@Suite(.serialized, .timeLimit(.minutes(5))) struct PeerTests {
    static let texts = [0, 1, 125, 126, 127, 65_535, 65_536, 65_537, 1 << 20, 25 << 20].map { sampleText($0) }

    @Test(
        "as a client: all sizes, whole and in fragments", arguments: Peer.allCases, ConnectedPair.Transport.allCases)
    func sizes(_ peer: Peer, _ transport: ConnectedPair.Transport) async throws {
        try await PeerServer.run(peer, transport) { server in
            for path in ["/echo", "/fragments"] {
                let connection = try await server.connect(path)
                for text in Self.texts {
                    try await connection.send(.text(text))
                    #expect(try await connection.receive() == .text(text), "\(text.count) bytes, \(path)")
                    try await connection.send(.binary(text))
                    #expect(try await connection.receive() == .binary(text), "\(text.count) bytes, \(path)")
                }
                await connection.close(.normal, reason: "done")
                #expect(connection.closeFrame?.code == .normal)
            }
        }
    }

    @Test("as a client: a blob between head and tail", arguments: Peer.allCases, ConnectedPair.Transport.allCases)
    func streamed(_ peer: Peer, _ transport: ConnectedPair.Transport) async throws {
        try await PeerServer.run(peer, transport) { server in
            let connection = try await server.connect("/echo")
            for size in [0, 1, 49_152, 1 << 20, 18 << 20] {
                let (file, encoded) = try blob(size)
                let (head, tail) = (Array("{\"base64\":\"".utf8), Array("\"}".utf8))
                try await connection.send(.streamed(head: head, blob: file, tail: tail))
                #expect(try await connection.receive() == .text(head + encoded + tail), "\(size) bytes")
            }
            await connection.close(.normal, reason: "")
        }
    }

    @Test("as a client: pings both ways", arguments: Peer.allCases, ConnectedPair.Transport.allCases)
    func pings(_ peer: Peer, _ transport: ConnectedPair.Transport) async throws {
        try await PeerServer.run(peer, transport) { server in
            let connection = try await server.connect("/ping")
            async let message = connection.receive()
            try await connection.ping(Array("hello".utf8), within: .seconds(20))
            try await connection.send(.text([0x61]))
            #expect(try await message == .text([0x61]))
            await connection.close(.normal, reason: "")
        }
    }

    @Test(
        "as a client: the server's close frame and its sudden end", arguments: Peer.allCases,
        ConnectedPair.Transport.allCases)
    func endings(_ peer: Peer, _ transport: ConnectedPair.Transport) async throws {
        try await PeerServer.run(peer, transport) { server in
            let closing = try await server.connect("/close")
            try await closing.send(.text([]))
            let message = try await closing.receive()
            #expect(message == nil)
            #expect(closing.closeFrame?.code == .serviceRestart)
            #expect(closing.closeFrame?.reason == "service restart")

            let aborting = try await server.connect("/abort")
            try await aborting.send(.text([]))
            let error = await failure { () async throws(WebSocketError) in try await aborting.receive() }
            guard case .lost = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }

    @Test(
        "as a plain client: a server that speaks TLS is known as one, and how it hung up is kept",
        arguments: Peer.allCases)
    func plainToTLS(_ peer: Peer) async throws {
        try await PeerServer.run(peer, .tls) { server in
            let error = await server.failure(over: .plain)
            guard case .speaksTLS(let end) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(end.hasPrefix("connection lost"))
        }
    }

    // wsproto's server hangs up without an answer, and then there is nothing to know it by.
    @Test("as a TLS client: a server that speaks plain HTTP is known as one", arguments: [Peer.websockets, .ws])
    func tlsToPlain(_ peer: Peer) async throws {
        try await PeerServer.run(peer, .plain) { server in
            let error = await server.failure(over: .tls)
            #expect(error == .tls(.plainHTTP("wrong version number")))
            #expect(error?.description == "TLS failed: wrong version number: the server speaks plain HTTP")
        }
    }

    @Test(
        "as a server: sizes, fragments, pings, closing and too large a message", arguments: Peer.allCases,
        ConnectedPair.Transport.allCases)
    func server(_ peer: Peer, _ transport: ConnectedPair.Transport) async throws {
        try await onEventLoop { loop in
            let certificate = try TemporaryCertificate()
            let context = try ConnectedPair.serverContext(transport)
            let listener = try TCPListener(address: .loopback(port: 0), on: loop)
            let url = "\(transport == .tls ? "wss" : "ws")://127.0.0.1:\(listener.port)/"
            let client = try peer.spawn(.client, [url] + (transport == .tls ? [certificate.path] : []), on: loop)
            defer { client.signal(SIGKILL) }
            let status = try await withThrowingTaskGroup(of: LinuxIO.ExitStatus?.self) { group in
                group.addTask { try await client.wait() }
                group.addTask {
                    for _ in 0..<3 {
                        let socket = try await listener.accept()
                        let connection = try await WebSocketConnection.accept(
                            socket, tls: context, on: loop, maxMessage: 32 << 20
                        ) { _ in .accept }
                        try await echo(connection)
                    }
                    return nil
                }
                // The client's end; the server's only when it is an error, thrown by next().
                while let status = try await group.next() {
                    if let status {
                        group.cancelAll()
                        return status
                    }
                }
                return .exited(-1)
            }
            #expect(status == .exited(0))
        }
    }

    private func echo(_ connection: WebSocketConnection) async throws {
        do throws(WebSocketError) {
            while let message = try await connection.receive() {
                switch message {
                case .text(Array("close".utf8)): await connection.close(.serviceRestart, reason: "service restart")
                case .text(Array("limit".utf8)):
                    connection.setMaxMessage(1 << 20)
                    try await connection.send(.text(message.bytes))
                case .text(let bytes): try await connection.send(.text(bytes))
                case .binary(let bytes): try await connection.send(.binary(bytes))
                }
            }
        } catch {
            guard case .violation(.messageTooBig, _) = error else { throw error }
        }
    }
}

/// A file of `Tests/Peers`.
func script(_ name: String) -> String {
    let folder = #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
    return "/\(folder)/Peers/\(name)"
}

/// A server of a peer, running.
struct PeerServer: Sendable {
    let port: UInt16
    let loop: EventLoop
    let transport: ConnectedPair.Transport

    static func run(
        _ peer: Peer, _ transport: ConnectedPair.Transport,
        _ body: @escaping @Sendable (PeerServer) async throws -> Void
    ) async throws {
        try await onEventLoop { loop in
            let certificate = try TemporaryCertificate()
            let arguments = transport == .tls ? ["--tls", certificate.path, certificate.path] : []
            var ends: [CInt] = [0, 0]
            try call { pipe(&ends) }
            let output = FileDescriptor(adopting: ends[0])
            let child = try peer.spawn(.server, arguments, descriptors: [(ends[1], as: 1)], on: loop)
            close(ends[1])
            defer { child.signal(SIGKILL) }
            let line = try await readLine(output, on: loop)
            let port = try #require(UInt16(line), "no port, but \"\(line)\": is Debian's package of \(peer) installed?")
            try await body(PeerServer(port: port, loop: loop, transport: transport))
            child.signal(SIGKILL)
            #expect(try await child.wait() == .signalled(SIGKILL))
        }
    }

    func connect(_ path: String) async throws -> WebSocketConnection {
        var target = try ConnectedPair.target(transport, port: port)
        target.path = path
        return try await WebSocketConnection.connect(to: target, on: loop, maxMessage: 64 << 20, timeout: .seconds(20))
    }

    /// The error of a connection over `wrong`.
    func failure(over wrong: ConnectedPair.Transport) async -> WebSocketError? {
        await WebSocketTests.failure { () async throws(WebSocketError) in
            let target: WebSocketTarget
            do { target = try ConnectedPair.target(wrong, port: port) } catch { throw .badUpgrade("\(error)") }
            return try await WebSocketConnection.connect(to: target, on: loop, maxMessage: 1_000, timeout: .seconds(20))
        }
    }

    /// One line, or what comes before the end.
    private static func readLine(_ output: borrowing FileDescriptor, on loop: EventLoop) async throws -> String {
        let readiness = try Readiness(output.raw, on: loop)
        defer { readiness.cancel() }
        _ = try await readiness.wait(for: .read)
        // Both Python and node write a line at once.
        var line = [UInt8](repeating: 0, count: 100)
        let count = try line.withUnsafeMutableBytes { try output.read(into: $0) }
        line.removeLast(line.count - count)
        return String(decoding: line.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    }
}

/// The pair's certificate with its key in one file.
final class TemporaryCertificate: Sendable {
    let path: String

    init() throws {
        let certificate = try ConnectedPair.certificate.get()
        path = "/tmp/clawnode-websocket-\(SecureRandom.uuid()).pem"
        try StateFile.write(path, Array((certificate.certificatePEM + certificate.keyPEM).utf8), durable: false)
    }

    deinit { unlink(path) }
}
