import NodeCore
import PracticeGateway
import Testing

@testable import Gateway

/// Answers in the forms in which they are asked for (goclaw-gateway §5.2–5.6).
@Suite struct GoClawReplyTests {
    private static let asked = [
        #"{"event":"node.invoke.request","payload":{"id":"a\"1","nodeId":"n","command":"c"}}"#,
        #"{"event":"node.invoke","payload":{"invokeId":"a\"1","nodeId":"n","command":"c"}}"#,
        #"{"event":"node.invoke.request","payload":{"invoke_id":"a\"1","command":"c"}}"#,
        #"{"type":"req","id":"a\"1","method":"c"}"#, #"{"type":"req","id":12,"method":"c"}"#,
    ]

    private func frame(_ reply: Reply, to text: String) throws -> JSONValue {
        let invocation = try #require(PushedInvocation(try TolerantFrame(text.bytes), commands: ["c"]))
        let reply = GoClawReply(reply, to: invocation, milliseconds: 12)
        let whole = try reply.message.wholeText()
        #expect(whole.count == reply.size)
        return try JSONReader.read(whole)
    }

    /// The reply's own object, wherever the form has it.
    private func payload(_ frame: JSONValue) throws -> JSONValue? {
        let params = frame["params"]
        if let text = params?["payloadJSON"]?.string ?? params?["stdout"]?.string {
            return try JSONReader.read(text.bytes)
        }
        return params?["result"] ?? frame["payload"]
    }

    @Test("R14, R19: a success is whole in every form, with its media and without", arguments: asked)
    func success(_ text: String) throws {
        let json = #"{"name":"a \"pi\"\n"}"#
        let plain = try frame(Reply(outcome: .success(json.bytes)), to: text)
        #expect(try payload(plain) == ["name": "a \"pi\"\n"])
        for json in ["{}", #"{"format":"jpg"}"#] {
            let media = try frame(try GoClawBench.media(json, [1, 2, 3, 4]), to: text)
            #expect(try payload(media)?["base64"] == "AQIDBA==")
            #expect(try payload(media)?["format"]?.string == (json == "{}" ? nil : "jpg"))
        }
    }

    @Test("a refusal says its code and its reason in every form", arguments: asked)
    func refusal(_ text: String) throws {
        let frame = try frame(.refused(Refusal("CAMERA_DISABLED", "switch it on")), to: text)
        let error = frame["params"]?["error"] ?? frame["error"]
        let words = error?["message"]?.string ?? error?.string
        #expect(words == "CAMERA_DISABLED: switch it on")
        if let code = error?["code"] { #expect(code == "CAMERA_DISABLED") }
        #expect(frame["params"]?["exitCode"]?.integer != 0)
    }

    @Test("a response has the id that was asked with, in its own type")
    func ids() throws {
        let reply = Reply(outcome: .success("{}".bytes))
        #expect(try frame(reply, to: Self.asked[4])["id"] == 12)
        #expect(try frame(reply, to: Self.asked[3])["id"] == "a\"1")
        #expect(try frame(reply, to: Self.asked[1])["params"]?["durationMs"] == 12)
    }
}
