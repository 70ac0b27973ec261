import LinuxIO
import NodeCore
import NodeCrypto
import WebSocket

/// Puts media where a GoClaw gateway keeps them, and says where (goclaw-gateway §5.5, §5.6 P5).
struct MediaUpload: Sendable {
    struct Failure: Error, Sendable {
        let reason: String

        init(_ reason: String) {
            self.reason = reason
        }
    }

    /// What lets us in there; the same as in `connect`.
    enum Credential: Equatable, Sendable {
        case token(String)
        case sender(String, userID: String)

        fileprivate var fields: [(String, String)] {
            switch self {
            case .token(let token): [("Authorization", "Bearer \(token)")]
            case .sender(let sender, let userID): [("X-GoClaw-Sender-Id", sender), ("X-GoClaw-User-Id", userID)]
            }
        }
    }

    let credential: Credential
    let gateway: GatewayEndpoint
    let ask: GatewayLink.Ask

    /// The reply that refers to `blob`, whose other members are in `json`. After `limit` nobody waits for it any more.
    func put(_ blob: Blob, of json: [UInt8], within limit: Duration) async throws(Failure) -> [UInt8] {
        // A reply is an object; one of another form has no format.
        let members = (try? JSON.decode([String: JSONTree].self, from: json)) ?? [:]
        let format = members["format"]?.string ?? "bin"
        let answer: HTTPAnswer
        do throws(WebSocketError) { answer = try await ask(request(blob.file, format), limit) } catch {
            throw Failure("its upload failed: \(error)")
        }
        guard (200...299).contains(answer.status) else {
            throw Failure("the gateway answered HTTP \(answer.status) to its upload")
        }
        // Whatever is no such object says no path either.
        let tree = (try? JSON.decode([String: JSONTree].self, from: answer.body)) ?? [:]
        guard let path = tree["path"]?.string else { throw Failure("the gateway did not say where it keeps an upload") }
        var reference = members
        reference["format"] = .string(format)
        reference["path"] = .string(path)
        reference["mimeType"] = tree["mime_type"] ?? .string(Self.mimeType(of: format))
        reference["filename"] = tree["filename"] ?? .string(path)
        reference["bytes"] = .integer(Int64(blob.file.size))
        reference["uploaded"] = .bool(true)
        do throws(JSONFailure) { return try JSON.encode(JSONTree.object(reference)) } catch {
            throw Failure("the reference cannot be written: \(error)")
        }
    }

    private func request(_ file: MemoryFile, _ format: String) -> HTTPRequest {
        // Longer than anything that media hold by chance.
        let boundary = Hexadecimal.text(SecureRandom.bytes(24))
        let isPlain = format.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) }
        let name = "clawnode-\(Hexadecimal.text(SecureRandom.bytes(8))).\(isPlain ? format : "bin")"
        let head =
            "--\(boundary)\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\(name)\"\r\n"
            + "Content-Type: \(Self.mimeType(of: format))\r\n\r\n"
        return .post(
            gateway.path(ofHTTP: "/v1/media/upload"),
            .streamed(
                type: "multipart/form-data; boundary=\(boundary)", head: Array(head.utf8), file: file,
                tail: Array("\r\n--\(boundary)--\r\n".utf8)),
            fields: credential.fields)
    }

    private static func mimeType(of format: String) -> String {
        switch format {
        case "jpg", "jpeg": "image/jpeg"
        case "png": "image/png"
        case "mp4": "video/mp4"
        case "wav": "audio/wav"
        case "ogg", "opus": "audio/ogg"
        case "m4a": "audio/mp4"
        default: "application/octet-stream"
        }
    }
}
