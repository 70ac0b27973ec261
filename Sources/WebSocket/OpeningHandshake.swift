import LinuxIO
import Synchronization

/// TLS and HTTP on a new connection, until it is a WebSocket.
struct OpeningHandshake {
    private let wire: Wire
    private let loop: EventLoop
    private var collector = HTTPHeadCollector()

    init(_ wire: Wire, on loop: EventLoop) {
        self.wire = wire
        self.loop = loop
    }

    // MARK: Client

    /// Gives what the server sent right behind its answer. TLS stands already.
    mutating func upgrade(_ request: UpgradeRequest) async throws(WebSocketError) -> [UInt8] {
        try wire.append(request.bytes)
        try await flush()
        while true {
            let response = try UpgradeResponse(try await readHead())
            if response.isInterim { continue }
            guard response.status == 101 else {
                throw .upgradeRefused(status: response.status, body: try await readBody(of: response))
            }
            try response.check(key: request.key)
            return collector.takeRest()
        }
    }

    /// The first 2 KiB, or what of them came within a second.
    private mutating func readBody(of response: UpgradeResponse) async throws(WebSocketError) -> String {
        let limit = min(2 << 10, response.contentLength ?? .max)
        let body = Body(collector.takeRest())
        let wire = wire
        // Nil when the second was over: then what is there has to do. The same goes for a body that broke off.
        _ = try? await within(.seconds(1), on: loop) { () async throws(WebSocketError) in
            while body.bytes.withLock({ $0.count }) < limit {
                let piece = try await Self.read(from: wire)
                if piece.isEmpty { return }
                body.bytes.withLock { $0 += piece }
            }
        }
        if Task.isCancelled { throw .cancelled }
        return String(decoding: body.bytes.withLock { $0 }.prefix(limit), as: UTF8.self)
    }

    /// What has come of a body when time is up.
    private final class Body: Sendable {
        let bytes: Mutex<[UInt8]>

        init(_ start: [UInt8]) {
            bytes = Mutex(start)
        }
    }

    // MARK: Server

    /// Gives what the client sent right behind its request.
    mutating func serve(_ decide: @Sendable (UpgradeRequest) -> UpgradeAnswer) async throws(WebSocketError) -> [UInt8] {
        try await shakeHands()
        let head = try await readHead()
        let request: UpgradeRequest
        do throws(UpgradeResponse) { request = try UpgradeRequest(head) } catch {
            try await answer(error)
            wire.close()
            throw .badUpgrade("answered \(error.status) to \(head.startLine)")
        }
        switch decide(request) {
        case .accept:
            try await answer(.accepting(key: request.key))
            return collector.takeRest()
        case .refuse(let status, let body):
            try await answer(.refusing(status, body))
            wire.close()
            throw .upgradeRefused(status: status, body: body)
        }
    }

    private func answer(_ response: UpgradeResponse) async throws(WebSocketError) {
        try wire.append(response.bytes)
        try await flush()
    }

    // MARK: Both

    func shakeHands() async throws(WebSocketError) {
        while try !wire.shakeHands() {
            try await wait(for: wire.unsentCount > 0 ? [.read, .write] : .read)
        }
        try await flush()
    }

    private func flush() async throws(WebSocketError) {
        while try !wire.flush() { try await wait(for: .write) }
    }

    private mutating func readHead() async throws(WebSocketError) -> HTTPHead {
        // What came behind one head may be the next.
        var piece = collector.takeRest()
        while true {
            if let head = try collector.take(piece) { return head }
            piece = try await Self.read(from: wire)
            if piece.isEmpty { throw .lost(nil) }
        }
    }

    /// Empty at the end.
    private static func read(from wire: Wire) async throws(WebSocketError) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 4 << 10)
        while true {
            if let count = try wire.read(into: &buffer) { return Array(buffer.prefix(count)) }
            do { _ = try await wire.socket.wait(for: .read) } catch { throw .cancelled }
        }
    }

    private func wait(for interest: Readiness.Interest) async throws(WebSocketError) {
        do { _ = try await wire.socket.wait(for: interest) } catch { throw .cancelled }
    }
}
