import Glibc
import LinuxIO
import NodeTesting
import Synchronization
import Testing

@testable import WebSocket

/// The other end of a connection of ours, on which a test says and sees every byte.
final class RawPeer: Sendable {
    let socket: StreamSocket
    /// Of our end.
    private let facing: WebSocketRole
    /// What came behind the frames that were asked for.
    private let rest = Mutex<[UInt8]>([])

    init(socket: StreamSocket, facing: WebSocketRole = .client) {
        self.socket = socket
        self.facing = facing
    }

    /// Runs `body` with one and a connection of ours, a client or a server, that has upgraded with it.
    static func run<R: Sendable>(
        facing role: WebSocketRole = .client, maxMessage: Int = 32 << 20,
        _ body: @escaping @Sendable (RawPeer, WebSocketConnection, EventLoop) async throws -> R
    ) async throws -> R {
        try await onEventLoop { loop in
            let (peer, connection) =
                switch role {
                case .client: try await ofClient(maxMessage, loop)
                case .server: try await ofServer(maxMessage, loop)
                }
            return try await body(peer, connection, loop)
        }
    }

    private static func ofClient(
        _ maxMessage: Int, _ loop: EventLoop
    ) async throws -> (RawPeer, WebSocketConnection) {
        let listener = try TCPListener(address: .loopback(port: 0), on: loop)
        let target = WebSocketTarget(host: "127.0.0.1", port: listener.port)
        async let connection = WebSocketConnection.connect(
            to: target, on: loop, maxMessage: maxMessage, timeout: .seconds(20))
        let peer = RawPeer(socket: try await listener.accept())
        let request = try await peer.readRequest()
        try await peer.write(UpgradeResponse.accepting(key: request.key).bytes)
        return (peer, try await connection)
    }

    private static func ofServer(
        _ maxMessage: Int, _ loop: EventLoop
    ) async throws -> (RawPeer, WebSocketConnection) {
        let listener = try TCPListener(address: .loopback(port: 0), on: loop)
        let target = WebSocketTarget(host: "127.0.0.1", port: listener.port)
        let peer = RawPeer(
            socket: try await Dialer.connect(to: target.host, port: target.port, on: loop), facing: .server)
        let request = try UpgradeRequest(for: target)
        try await peer.write(try request.bytes)
        let connection = try await WebSocketConnection.accept(
            try await listener.accept(), tls: nil, on: loop, maxMessage: maxMessage
        ) { _ in .accept }
        try UpgradeResponse(try await peer.readHead()).check(key: request.key)
        return (peer, connection)
    }

    // Inlined, it crashes the optimiser of 6.3.1.
    @inline(never)
    func readRequest() async throws -> UpgradeRequest {
        try UpgradeRequest(try await readHead())
    }

    private func readHead() async throws -> HTTPHead {
        var collector = HTTPHeadCollector()
        while true {
            let bytes = try await read()
            try #require(!bytes.isEmpty)
            if let head = try collector.take(bytes) { return head }
        }
    }

    /// What is there, up to 64 KiB; empty at the end.
    func read() async throws -> [UInt8] {
        let rest = rest.withLock { rest in
            defer { rest = [] }
            return rest
        }
        if !rest.isEmpty { return rest }
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            if let count = try buffer.withUnsafeMutableBytes({ try socket.read(into: $0) }) {
                return Array(buffer.prefix(count))
            }
            _ = try await socket.wait(for: .read)
        }
    }

    /// All until the end, or until the connection is reset.
    func readToTheEnd() async throws -> (bytes: [UInt8], wasReset: Bool) {
        var all: [UInt8] = []
        while true {
            do {
                let bytes = try await read()
                if bytes.isEmpty { return (all, false) }
                all += bytes
            } catch let error as Errno {
                try #require(error == Errno(ECONNRESET))
                return (all, true)
            }
        }
    }

    func write(_ bytes: [UInt8]) async throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            if let count = try rest.withUnsafeBytes({ try socket.write($0) }) {
                rest = rest.dropFirst(count)
            } else {
                _ = try await socket.wait(for: .write)
            }
        }
    }

    /// The frames our end sent, one by one: whole, unmasked.
    func readFrames(
        until isLast: (FrameHeader, [UInt8]) -> Bool
    ) async throws -> [(header: FrameHeader, payload: [UInt8])] {
        var frames: [(header: FrameHeader, payload: [UInt8])] = []
        var parser = FrameHeaderParser(role: facing == .client ? .server : .client)
        var header: FrameHeader?
        var payload: [UInt8] = []
        while true {
            var rest = try await read()[...]
            try #require(!rest.isEmpty)
            while !rest.isEmpty || header?.length == payload.count {
                if header == nil {
                    guard let byte = rest.popFirst() else { break }
                    header = try parser.take(byte)
                }
                guard let known = header else { continue }
                let piece = rest.prefix(known.length - payload.count)
                rest = rest.dropFirst(piece.count)
                payload += piece
                guard payload.count == known.length else { continue }
                var mask = FrameMask(key: known.maskKey ?? 0)
                payload.withUnsafeMutableBytes { mask.apply(to: $0) }
                frames.append((known, payload))
                if isLast(known, payload) {
                    self.rest.withLock { $0 = Array(rest) }
                    return frames
                }
                (header, payload) = (nil, [])
            }
        }
    }
}

/// Notes from concurrent tasks, in their order.
actor Notes {
    private(set) var all: [String] = []

    func add(_ note: String) { all.append(note) }
}

/// The error that `body` ends with; nil: none.
func failure<R>(of body: @Sendable () async throws(WebSocketError) -> R) async -> WebSocketError? {
    do throws(WebSocketError) {
        _ = try await body()
        return nil
    } catch { return error }
}
