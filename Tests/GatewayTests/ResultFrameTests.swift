import LinuxIO
import NodeCore
import PracticeGateway
import Testing
import WebSocket

@testable import Gateway

@Suite struct ResultFrameTests {
    static let limit = 26_214_400

    static func frame(_ reply: Reply, to id: String = "invoke-1", maxPayload: Int = limit) throws -> JSONValue {
        let frame = ResultFrame(reply, to: id, nodeID: Samples.deviceID, maxPayload: maxPayload)
        let bytes = try frame.message.wholeText()
        #expect(bytes.count == frame.size)
        let value = try JSONReader.read(bytes)
        #expect(OpenClawSchema(.april).firstFault(in: value, as: .request) == nil)
        let params = try #require(value["params"])
        #expect(OpenClawSchema(.april).firstFault(in: params, as: .invokeResult) == nil)
        #expect(params["id"] == .string(id))
        #expect(params["nodeId"] == .string(Samples.deviceID))
        return params
    }

    static func blob(_ bytes: [UInt8], field: String = "base64") throws -> Blob {
        let file = try MemoryFile(name: "sample")
        try file.append(bytes)
        try file.seal()
        return Blob(file: file, field: field)
    }

    @Test("a reply without media goes as payloadJSON")
    func text() throws {
        let json = #"{"a":"quote \" backslash \\ line\nend \u0001 é 𝄞","b":[1,null]}"#
        let params = try Self.frame(Reply(outcome: .success(json.bytes)))
        #expect(params["ok"] == true)
        #expect(params["payloadJSON"]?.string == json)
        #expect(params["payload"] == nil)
    }

    @Test("the recorded official node's results are of the same form")
    func recorded() throws {
        let theirs = try #require(try JSONReader.read(RecordedConnection.results[0].bytes)["params"])
        let json = try #require(theirs["payloadJSON"]?.string)
        let id = try #require(theirs["id"]?.string)
        let ours = try Self.frame(Reply(outcome: .success(json.bytes)), to: id)
        #expect(ours.object?.members.map(\.key).sorted() == theirs.object?.members.map(\.key).sorted())
        #expect(ours["payloadJSON"] == theirs["payloadJSON"])
    }

    @Test("media go as a payload object, base64 as its last member", arguments: ["{}", #"{"format":"jpg","width":4}"#])
    func media(_ json: String) throws {
        let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let params = try Self.frame(Reply(outcome: .success(json.bytes), blob: try Self.blob(bytes)))
        #expect(params["payloadJSON"] == nil)
        #expect(params["payload"]?["base64"]?.string.flatMap(Base64Text.decode) == bytes)
        #expect(params["payload"]?["format"]?.string == (json == "{}" ? nil : "jpg"))
    }

    @Test("media of no bytes are an empty text, and a field's name may be any", arguments: [0, 1, 2, 3])
    func emptyMedia(_ count: Int) throws {
        let bytes = [UInt8](repeating: 0xFF, count: count)
        let params = try Self.frame(
            Reply(outcome: .success("{}".bytes), blob: try Self.blob(bytes, field: "da\"ta")))
        #expect(params["payload"]?["da\"ta"]?.string.flatMap(Base64Text.decode) == bytes)
    }

    @Test("a refusal goes as code and message, the message with the code before it")
    func refusal() throws {
        let params = try Self.frame(.refused(Refusal("CAMERA_DISABLED", "say \"please\"")))
        #expect(params["ok"] == false)
        #expect(params["error"]?["code"] == "CAMERA_DISABLED")
        #expect(params["error"]?["message"] == "CAMERA_DISABLED: say \"please\"")
        #expect(params["payload"] == nil && params["payloadJSON"] == nil)
    }

    @Test("a refusal never quotes at length, and is cut between characters", arguments: 0..<4)
    func longRefusal(_ shift: Int) throws {
        let name = String(repeating: "x", count: shift) + String(repeating: "𝄞", count: 1 << 20)
        let params = try Self.frame(.refused(.unknownCommand(CommandName(name))), maxPayload: 524_288)
        let message = try #require(params["error"]?["message"]?.string)
        #expect(message.utf8.count < 2100)
        #expect(message.hasPrefix("INVALID_REQUEST: unknown command \(String(repeating: "x", count: shift))𝄞𝄞"))
        #expect(message.hasSuffix("𝄞…"))
    }

    @Test("what does not fit is refused here: an oversized frame would cost the connection")
    func tooLarge() throws {
        let json = #"{"a":""# + String(repeating: "x", count: 2_000) + "\"}"
        let fits = ResultFrame(
            Reply(outcome: .success(json.bytes)), to: "i", nodeID: Samples.deviceID, maxPayload: Self.limit)
        // To the byte.
        let exact = try Self.frame(Reply(outcome: .success(json.bytes)), to: "i", maxPayload: fits.size)
        #expect(exact["ok"] == true)
        let short = try Self.frame(Reply(outcome: .success(json.bytes)), to: "i", maxPayload: fits.size - 1)
        #expect(short["ok"] == false)
        #expect(short["error"]?["code"] == "PAYLOAD_TOO_LARGE")
        #expect(short["error"]?["message"]?.string?.contains("\(fits.size - 1) fit") == true)
    }

    @Test("media that do not fit are refused before a byte of them is read")
    func mediaTooLarge() throws {
        let blob = try Self.blob([UInt8](repeating: 1, count: 600_000))
        let params = try Self.frame(Reply(outcome: .success("{}".bytes), blob: blob), maxPayload: 524_288)
        #expect(params["error"]?["code"] == "PAYLOAD_TOO_LARGE")
    }

    @Test("a reply of exactly the limit that commands are told goes out", arguments: [524_288, 26_214_400])
    func payloadLimit(_ maxPayload: Int) throws {
        let limit = ResultFrame.payloadLimit(maxPayload: maxPayload)
        let raw = limit / 4 * 3 - 64
        let blob = try Self.blob([UInt8](repeating: 0xA5, count: raw))
        // The longest id that is taken in.
        let id = String(repeating: "i", count: 512)
        let reply = Reply(outcome: .success(#"{"format":"jpg"}"#.bytes), blob: blob)
        let frame = ResultFrame(reply, to: id, nodeID: Samples.deviceID, maxPayload: maxPayload)
        guard case .streamed = frame.message else {
            Issue.record("refused: \(try frame.message.wholeText().prefix(600))")
            return
        }
        #expect(frame.size <= maxPayload)
        #expect(frame.size > limit - 128)
    }

    @Test("a limit smaller than a frame leaves nothing for the reply", arguments: [0, 1, 1023])
    func noRoom(_ maxPayload: Int) {
        #expect(ResultFrame.payloadLimit(maxPayload: maxPayload) == 0)
    }

    @Test("each frame has a request id of its own")
    func requestIDs() throws {
        let ids = try (0..<3).map { _ in
            try JSONReader.read(
                ResultFrame(.refused(.busy), to: "i", nodeID: "n", maxPayload: Self.limit).message.wholeText())["id"]
        }
        #expect(Set(ids.map { $0?.string }).count == 3)
    }
}

extension OutgoingMessage {
    /// As the gateway will have it.
    func wholeText() throws -> [UInt8] {
        switch self {
        case .text(let bytes), .binary(let bytes): bytes
        case .streamed(let head, let blob, let tail): head + Base64.encode(try blob.bytes()) + tail
        }
    }
}
