import LinuxIO
import NodeCore

/// One HTTP/1.1 request of ours. Its path and body may hold what nobody else should read, so it describes itself without them.
package struct HTTPRequest: Sendable, CustomStringConvertible {
    package enum Body: Sendable {
        case json([UInt8])
        /// `head`, the bytes of `file` and `tail`, as one body. Memory does not grow with the file.
        case streamed(type: String, head: [UInt8], file: MemoryFile, tail: [UInt8])
    }

    let path: String
    let fields: [(String, String)]
    let body: Body?

    /// `path` with the query; `fields` beside those that HTTP needs and those of the target.
    package static func get(_ path: String, fields: [(String, String)] = []) -> HTTPRequest {
        HTTPRequest(path: path, fields: fields, body: nil)
    }

    package static func post(_ path: String, _ body: Body, fields: [(String, String)] = []) -> HTTPRequest {
        HTTPRequest(path: path, fields: fields, body: body)
    }

    private init(path: String, fields: [(String, String)], body: Body?) {
        self.path = path
        self.fields = fields
        self.body = body
    }

    var method: String { body == nil ? "GET" : "POST" }

    package var description: String { "\(method) …" }

    /// All up to the body, but with `path` in place of its own.
    func head(to target: WebSocketTarget, path: String) throws(WebSocketError) -> [UInt8] {
        var fields = [
            ("Host", target.authority), ("Accept", "application/json"), ("Connection", "close"),
        ]
        if let body { fields += [("Content-Type", body.type), ("Content-Length", "\(body.count)")] }
        return try HTTPHead.request(method, path, fields + target.headers + self.fields)
    }
}

extension HTTPRequest.Body {
    fileprivate var type: String {
        switch self {
        case .json: "application/json"
        case .streamed(let type, _, _, _): type
        }
    }

    fileprivate var count: Int {
        switch self {
        case .json(let bytes): bytes.count
        case .streamed(_, let head, let file, let tail): head.count + file.size + tail.count
        }
    }

    /// Calls `take` with one piece after the other, until it says false.
    func forEachPiece(
        _ take: ([UInt8]) async throws(WebSocketError) -> Bool
    ) async throws(WebSocketError) {
        switch self {
        case .json(let bytes): _ = try await take(bytes)
        case .streamed(_, let head, let file, let tail):
            guard try await take(head) else { return }
            var offset = 0
            while offset < file.size {
                let piece = try Self.piece(of: file, at: offset)
                offset += piece.count
                guard try await take(piece) else { return }
            }
            _ = try await take(tail)
        }
    }

    private static func piece(of file: MemoryFile, at offset: Int) throws(WebSocketError) -> [UInt8] {
        var piece = [UInt8](repeating: 0, count: min(64 << 10, file.size - offset))
        let result: Result<Int, Errno> = piece.withUnsafeMutableBytes { buffer in
            do throws(Errno) { return .success(try file.read(into: buffer, at: offset)) } catch {
                return .failure(error)
            }
        }
        // A sealed memory file does neither fail nor end early; whoever sends another one has promised too much.
        guard case .success(let count) = result, count > 0 else { throw .badRequest("its file cannot be read") }
        return Array(piece.prefix(count))
    }
}
