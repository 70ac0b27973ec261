import Glibc
import LinuxIO
import WebSocket

/// The plain HTTP of a GoClaw gateway: its health, and the place where media are put (goclaw-gateway.md §1.1, §5.5).
struct GoClawHTTP {
    let gateway: GoClawGateway
    let socket: StreamSocket

    private static let largest = 50 << 20

    /// False for a request that is to become a WebSocket: nothing of it has been read.
    func serve() async -> Bool {
        do {
            var start = [UInt8](repeating: 0, count: 12)
            var count = 0
            while count < start.count {
                let seen = try start.withUnsafeMutableBytes { bytes throws(Errno) in try socket.peek(into: bytes) }
                if seen == 0 { break }
                // Whoever has begun a line ends it soon; more of it makes no new edge while nothing is taken.
                if let seen { count = seen } else { _ = try await socket.wait(for: .read) }
                if count < start.count { await Task.yield() }
            }
            let line = String(decoding: start.prefix(count), as: UTF8.self)
            guard line.hasPrefix("POST ") || line.hasPrefix("GET /health ") else { return false }
            let (head, body) = try await request()
            let (status, answer) = await respond(to: head, body)
            try await write(status, answer)
        } catch {
            // Who goes away in the middle of a request wants no answer.
        }
        socket.close()
        return true
    }

    private func request() async throws -> (head: [String], body: [UInt8]) {
        var bytes: [UInt8] = []
        var head: [String]?
        var length = 0
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            if head == nil, let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) {
                let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
                head = lines.map(String.init)
                length = Self.value(of: "Content-Length", in: head ?? []).flatMap { Int($0) } ?? 0
                bytes.removeSubrange(..<end.upperBound)
            }
            if let head, bytes.count >= length || length > Self.largest { return (head, bytes) }
            let count = try buffer.withUnsafeMutableBytes { raw throws(Errno) in try socket.read(into: raw) }
            if count == 0 { throw Errno(ECONNRESET) }
            if let count { bytes += buffer[..<count] } else { _ = try await socket.wait(for: .read) }
        }
    }

    private static func value(of name: String, in head: [String]) -> String? {
        let prefix = name.lowercased() + ":"
        let line = head.first { $0.lowercased().hasPrefix(prefix) }
        return line.map { String($0.dropFirst(prefix.count).drop(while: { $0 == " " })) }
    }

    private func respond(to head: [String], _ body: [UInt8]) async -> (Int, String) {
        let words = (head.first ?? "").split(separator: " ")
        guard words.count == 3 else { return (400, "{}") }
        if words[0] == "GET" {
            gateway.events.emit(.healthAsked)
            return (200, gateway.options.health)
        }
        guard words[1] == "/v1/media/upload" else { return (404, "{}") }
        let sender = Self.value(of: "X-GoClaw-Sender-Id", in: head)
        let bearer = Self.value(of: "Authorization", in: head).map { String($0.dropFirst("Bearer ".count)) }
        guard await gateway.mayUpload(sender: sender, token: bearer) else { return (401, #"{"error":"unauthorized"}"#) }
        guard body.count <= Self.largest else { return (413, #"{"error":"too large"}"#) }
        guard let (filename, file) = Self.file(in: body, Self.value(of: "Content-Type", in: head) ?? "") else {
            return (400, #"{"error":"file is required"}"#)
        }
        gateway.events.emit(.uploaded(filename: filename, bytes: file))
        let answer: JSONValue = [
            "path": .string("/tmp/media/\(filename)"), "mime_type": "image/jpeg", "filename": .string(filename),
        ]
        return (200, answer.text)
    }

    /// The part called `file` of a multipart body (RFC 7578).
    private static func file(in body: [UInt8], _ type: String) -> (name: String, bytes: [UInt8])? {
        guard type.hasPrefix("multipart/form-data"), let mark = type.firstRange(of: "boundary=") else { return nil }
        let boundary = "--" + type[mark.upperBound...]
        let close = Array("\r\n\(boundary)--\r\n".utf8)
        // One part, which ends where the body does.
        guard body.starts(with: boundary.utf8), body.suffix(close.count).elementsEqual(close),
            let end = body.prefix(4096).firstRange(of: Array("\r\n\r\n".utf8))
        else { return nil }
        let head = String(decoding: body[..<end.lowerBound], as: UTF8.self)
        guard head.contains(#"name="file""#), let name = head.firstRange(of: #"filename=""#) else { return nil }
        let filename = head[name.upperBound...].prefix { $0 != "\"" }
        return (String(filename), Array(body[end.upperBound..<body.count - close.count]))
    }

    private func write(_ status: Int, _ body: String) async throws {
        let text =
            "HTTP/1.1 \(status) \(status == 200 ? "OK" : "Refused")\r\nContent-Type: application/json\r\n"
            + "Content-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n" + body
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = try rest.withUnsafeBytes { raw throws(Errno) in try socket.write(raw) }
            if let count { rest = rest.dropFirst(count) } else { _ = try await socket.wait(for: .write) }
        }
        socket.shutdownWrite()
    }
}

extension GoClawGateway {
    func mayUpload(sender: String?, token: String?) -> Bool {
        if let token, token == options.token || options.apiKeys[token] != nil { return true }
        return sender.map { pairings.isPaired($0, at: timekeeper.now) } ?? false
    }
}
