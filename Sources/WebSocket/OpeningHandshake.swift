import LinuxIO
import Synchronization

/// HTTP on a new connection, until it is a WebSocket.
struct OpeningHandshake {
    private var stream: HTTPStream
    private let loop: EventLoop

    init(_ wire: Wire, on loop: EventLoop) {
        stream = HTTPStream(wire)
        self.loop = loop
    }

    // MARK: Client

    enum Outcome {
        /// With what the server sent right behind its answer.
        case open([UInt8])
        case redirect(location: String)
    }

    /// TLS stands already.
    mutating func upgrade(
        _ request: UpgradeRequest, followsRedirects: Bool
    ) async throws(WebSocketError) -> Outcome {
        try await stream.send(try request.bytes)
        while true {
            let response = try UpgradeResponse(try await stream.readHead())
            if response.isInterim { continue }
            if followsRedirects, Redirect.isOne(status: response.status), let location = response.location {
                return .redirect(location: location)
            }
            guard response.status == 101 else {
                // Many an error page repeats what it was asked for.
                let isTellTale = request.path.contains("?") || !followsRedirects
                let body = isTellTale ? "" : try await readBody(of: response)
                throw .upgradeRefused(status: response.status, body: body)
            }
            try response.check(key: request.key)
            return .open(stream.takeRest())
        }
    }

    /// The first 2 KiB, or what of them came within a second.
    private mutating func readBody(of response: UpgradeResponse) async throws(WebSocketError) -> String {
        let limit = min(2 << 10, response.contentLength ?? .max)
        let body = Body(stream.takeRest())
        let stream = stream
        // Nil when the second was over: then what is there has to do. The same goes for a body that broke off.
        _ = try? await within(.seconds(1), on: loop) { () async throws(WebSocketError) in
            while body.bytes.withLock({ $0.count }) < limit {
                let piece = try await stream.read()
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
    mutating func serve(
        _ decide: @Sendable (UpgradeRequest) -> UpgradeAnswer, page: @Sendable (_ path: String) async -> HTTPPage?
    ) async throws(WebSocketError) -> [UInt8] {
        try await stream.wire.finishHandshake()
        let head = try await stream.readHead()
        let request: UpgradeRequest
        do throws(UpgradeResponse) { request = try UpgradeRequest(head) } catch {
            let line = head.startLine.split(separator: " ")
            let wanted = line.count == 3 && line[0] == "GET" && head.value(of: "Upgrade") == nil
            let page = wanted ? await page(String(line[1])) : nil
            try await answer(page.map { .page($0) } ?? error)
            stream.wire.close()
            throw .badUpgrade("answered \(error.status) to \(head.startLine)")
        }
        switch decide(request) {
        case .accept:
            try await answer(.accepting(key: request.key))
            return stream.takeRest()
        case .refuse(let status, let body):
            try await answer(.refusing(status, body))
            stream.wire.close()
            throw .upgradeRefused(status: status, body: body)
        }
    }

    private func answer(_ response: UpgradeResponse) async throws(WebSocketError) {
        try await stream.send(response.bytes)
    }
}
