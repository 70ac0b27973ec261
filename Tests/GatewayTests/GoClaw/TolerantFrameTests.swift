import NodeCore
import Testing

@testable import Gateway

/// Frames as gateways of either name, and servers of old clients, have written them (goclaw-gateway §6.2).
@Suite struct TolerantFrameTests {
    private func response(_ text: String) throws -> TolerantFrame.Response {
        guard case .response(let response) = try TolerantFrame(text.bytes) else {
            throw GoClawFault("TEST", "no response: \(text)")
        }
        return response
    }

    @Test(
        "R3: an id is the same as a number and as a string",
        arguments: [#"{"type":"res","id":"7","ok":true}"#, #"{"type":"res","id":7,"ok":true}"#])
    func ids(_ text: String) throws {
        #expect(try response(text).id == "7")
    }

    @Test("R4: data are under payload, else under result")
    func results() throws {
        let both = #"{"type":"res","id":"1","ok":true,"payload":{"a":1},"result":{"a":2}}"#
        #expect(try response(both).payload?["a"]?.integer == 1)
        #expect(try response(#"{"type":"res","id":"1","ok":true,"result":{"a":2}}"#).payload?["a"]?.integer == 2)
        #expect(try response(#"{"type":"res","id":"1","ok":true}"#).payload == nil)
    }

    @Test("R5: an event's data are under payload, params or data", arguments: ["payload", "params", "data"])
    func events(_ key: String) throws {
        let frame = try TolerantFrame(#"{"type":"event","event":"e","\#(key)":{"a":1}}"#.bytes)
        #expect(frame == .event(name: "e", payload: .object(["a": .integer(1)])))
    }

    @Test("R6: without ok, it is a success that holds no error")
    func ok() throws {
        #expect(try response(#"{"type":"res","id":"1","payload":{}}"#).fault == nil)
        #expect(try response(#"{"type":"res","id":"1","error":null}"#).fault == nil)
        #expect(try response(#"{"type":"res","id":"1","error":{}}"#).fault != nil)
        #expect(try response(#"{"type":"res","id":"1","ok":false}"#).fault?.code == "UNKNOWN")
        #expect(try response(#"{"type":"res","id":"1","ok":true,"error":{"code":"X"}}"#).fault == nil)
    }

    private static let faults: [(json: String, code: String, message: String)] = [
        (#"{"code":"NOT_PAIRED","message":"m"}"#, "NOT_PAIRED", "m"),
        (#"{"code":-32601,"message":"m"}"#, "-32601", "m"),
        (#"{"message":"m"}"#, "UNKNOWN", "m"), (#""no""#, "UNKNOWN", "no"), ("{}", "UNKNOWN", "unknown"),
        (#"{"code":4.0}"#, "4", "unknown"),
    ]

    @Test("R7, D4, D5: an error keeps its code and its message, whatever their types", arguments: faults)
    func errors(_ sample: (json: String, code: String, message: String)) throws {
        let fault = try response(#"{"type":"res","id":"1","ok":false,"error":\#(sample.json)}"#).fault
        #expect(fault?.code == sample.code)
        #expect(fault?.message == sample.message)
    }

    @Test("R7, D4: what else an error says is kept, in either spelling")
    func retry() throws {
        for key in ["retryAfterMs", "retry_after_ms"] {
            let text =
                #"{"type":"res","id":"1","ok":false,"error":{"code":"A","details":{"x":1},"retryable":true,"\#(key)":5}}"#
            let fault = try response(text).fault
            #expect(fault?.isRetryable == true)
            #expect(fault?.retryAfterMs == 5)
            #expect(fault?.details?["x"]?.integer == 1)
        }
    }

    @Test("R2: a frame without a type is what it looks like")
    func guesses() throws {
        #expect(
            try TolerantFrame(#"{"id":1,"method":"m"}"#.bytes) == .request(id: .integer(1), method: "m", params: nil))
        #expect(try TolerantFrame(#"{"event":"e"}"#.bytes) == .event(name: "e", payload: nil))
        #expect(try response(#"{"id":1,"result":{}}"#).id == "1")
        #expect(try TolerantFrame(#"{"jsonrpc":"2.0","method":"connected"}"#.bytes) == .jsonRPC(method: "connected"))
        #expect(try TolerantFrame("{}".bytes) == .other(type: ""))
    }

    @Test("R10: a greeting at the top counts as the answer to connect")
    func greeting() throws {
        let greeting = try response(#"{"type":"hello-ok","protocol":20240901}"#)
        #expect(greeting.isGreeting)
        #expect(greeting.fault == nil)
        #expect(greeting.payload?["protocol"]?.integer == 20_240_901)
    }

    @Test("R11: a whole number may be written as 1.0 or as a text")
    func numbers() throws {
        for text in ["45", "45.0", "\"45\""] {
            let payload = try response(#"{"type":"res","id":"1","ok":true,"payload":{"n":\#(text)}}"#).payload
            #expect(payload?["n"]?.integer == 45)
        }
    }

    @Test("R1: what is no JSON object is a fault of its own, and no more", arguments: ["", "[]", "{", "7", "{\"a\":}"])
    func rubbish(_ text: String) {
        #expect(throws: JSONFailure.self) { try TolerantFrame(text.bytes) }
    }

    @Test("a frame of an old client's server is read as OpenClaw's")
    func normalised() throws {
        let challenge = IncomingFrame(
            tolerating: #"{"type":"event","event":"connect.challenge","params":{"nonce":"n","ts":3}}"#.bytes)
        guard case .challenge("n"?, 3?)? = challenge else {
            Issue.record("\(String(describing: challenge))")
            return
        }
        let refused = IncomingFrame(
            tolerating: #"{"type":"res","id":1,"ok":false,"error":{"code":-32001,"message":"no"}}"#.bytes)
        guard case .response(let response)? = refused else {
            Issue.record("\(String(describing: refused))")
            return
        }
        #expect(response.id == "1")
        #expect(response.refusal?.code == "-32001")
    }

    @Test("of what goes on without end only the beginning is kept")
    func endless() throws {
        let long = String(repeating: "x", count: 10_000)
        #expect(GoClawFault(.object(["message": .string(long)])).message.utf8.count < 600)
        let pairing = JSONTree.object([
            "status": .string("pending_pairing"), "pairing_code": .string(long), "sender_id": .string("a"),
        ])
        guard case .pairing(let code, _) = GoClawAnswer(.success(pairing)) else {
            Issue.record("no pairing")
            return
        }
        #expect(code.utf8.count < 100)
        #expect(GoClawHello(.object(["server": .object(["version": .string(long)])])).serverVersion.utf8.count < 100)
    }
}
