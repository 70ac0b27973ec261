import NodeCore
import PracticeGateway
import Testing

@testable import Gateway

@Suite struct IncomingFrameTests {
    static func request(_ payload: String) throws -> IncomingFrame.InvokeRequest {
        let text = #"{"type":"event","event":"node.invoke.request","payload":{\#(payload)}}"#
        guard case .invoke(let request) = try IncomingFrame(text.bytes) else { throw NotAnInvocation() }
        return request
    }

    struct NotAnInvocation: Error {}

    private static let head = #""id":"i","nodeId":"n","command":"c""#

    @Test("understands the invocations of the recorded connection")
    func recordedInvocations() throws {
        let requests = try RecordedConnection.invocations.map { text in
            guard case .invoke(let request) = try IncomingFrame(text.bytes) else { throw NotAnInvocation() }
            return request
        }
        #expect(
            requests.map(\.command) == ["system.which", "system.run.prepare", "system.run", "system.execApprovals.get"])
        #expect(requests.map(\.timeoutMs) == [60_000, 60_000, 60_000, nil])
        #expect(requests[0].id == "3e84d8c9-4bca-427f-b9d3-d4426037d3d0")
        #expect(requests[0].params == #"{"bins":["sh"]}"#.bytes)
        #expect(requests[3].params == "{}".bytes)
        for request in requests {
            #expect(request.fault == nil)
            #expect(request.nodeID == "ef56c4133f786cca762f897f19d81462286495acc3ff857fdee92fb996ff9899")
        }
    }

    @Test("knows the recorded events by name, and wants nothing of them", arguments: RecordedConnection.events)
    func recordedEvents(_ text: String) throws {
        guard case .otherEvent(let name) = try IncomingFrame(text.bytes) else { throw NotAnInvocation() }
        #expect(["voicewake.changed", "health", "tick"].contains(name))
    }

    @Test("understands what the recorded gateway said to a result")
    func recordedAcknowledgement() throws {
        guard case .response(let response) = try IncomingFrame(RecordedConnection.acknowledgement.bytes) else {
            throw NotAnInvocation()
        }
        #expect(response.ok)
        #expect(response.id == "b28c707c-4199-4b27-8549-bd3183c5a711")
    }

    @Test(
        "takes params as gateways really send them",
        arguments: [
            (#""paramsJSON":"{\"a\":1}""#, #"{"a":1}"#), (#""paramsJSON":null"#, nil), (#""x":1"#, nil),
            (#""params":{"b":[1,2.5,"x",null,true]}"#, #"{"b":[1,2.5,"x",null,true]}"#),
            (#""paramsJSON":null,"params":{"a":1}"#, #"{"a":1}"#), (#""params":null"#, nil),
            (#""paramsJSON":"","sessionKey":null,"idempotencyKey":null"#, ""),
            (#""paramsJSON":"not JSON""#, "not JSON"),
        ])
    func params(_ members: String, _ params: String?) throws {
        let request = try Self.request(Self.head + "," + members)
        #expect(request.params.map { String(decoding: $0, as: UTF8.self) } == params)
        #expect(request.fault == nil)
    }

    @Test(
        "takes budgets from nothing to a day",
        arguments: [
            (#""x":1"#, nil), (#""timeoutMs":null"#, nil), (#""timeoutMs":0"#, 0), (#""timeoutMs":20000"#, 20_000),
            (#""timeoutMs":1.5"#, 1), (#""timeoutMs":1e300"#, 86_400_000),
            (#""timeoutMs":9223372036854775808"#, 86_400_000),
        ])
    func budget(_ members: String, _ milliseconds: Int?) throws {
        let request = try Self.request(Self.head + "," + members)
        #expect(request.timeoutMs == milliseconds)
        #expect(request.fault == nil)
    }

    @Test(
        "what cannot be taken is answered, with the field's name",
        arguments: [
            (#""paramsJSON":7"#, "paramsJSON"), (#""paramsJSON":{"a":1}"#, "paramsJSON"),
            (#""timeoutMs":"soon""#, "timeoutMs"), (#""timeoutMs":-1"#, "timeoutMs"),
            (#""timeoutMs":true"#, "timeoutMs"), (#""paramsJSON":7,"timeoutMs":-1"#, "paramsJSON"),
        ])
    func faults(_ members: String, _ field: String) throws {
        #expect(try Self.request(Self.head + "," + members).fault?.hasPrefix(field) == true)
    }

    @Test("commands are trimmed")
    func trimmed() throws {
        #expect(try Self.request(#""id":"i","nodeId":"n","command":" \tcamera.snap\n""#).command == "camera.snap")
        #expect(try Self.request(#""id":"i","nodeId":"n","command":"   ""#).command == "")
    }

    @Test(
        "what is no frame, or cannot be answered, is an error and nothing worse",
        arguments: [
            "", " ", "null", "7", "\"text\"", "[]", "{}", "{", "}{", "{\"type\":", "{\"type\":null}",
            "{\"type\":7,\"event\":\"tick\"}", "\u{FEFF}", "\u{0}", "nan",
            #"{"type":"event","event":7}"#, #"{"type":"res"}"#, #"{"type":"res","id":7,"ok":true}"#,
            #"{"type":"res","id":"a","ok":"yes"}"#, #"{"type":"event","event":"node.invoke.request"}"#,
            #"{"type":"event","event":"node.invoke.request","payload":null}"#,
            #"{"type":"event","event":"node.invoke.request","payload":[]}"#,
            #"{"type":"event","event":"node.invoke.request","payload":{"id":1,"nodeId":"n","command":"c"}}"#,
            #"{"type":"event","event":"node.invoke.request","payload":{"id":"i","nodeId":"n"}}"#,
            #"{"type":"event","event":"node.invoke.request","payload":{"id":"i","command":"c"}}"#,
            #"{"type":"event","event":"node.invoke.cancel","payload":{"invokeId":7}}"#,
            #"{"type":"event","event":"node.invoke.cancel"}"#,
            #"{"type":"event","event":"shutdown","payload":{"restartExpectedMs":"soon"}}"#,
            #"{"type":"event","event":"tick"} {"type":"event","event":"tick"}"#,
        ])
    func hostile(_ text: String) {
        #expect(throws: JSONFailure.self) { try IncomingFrame(text.bytes) }
    }

    @Test("bytes that are no UTF-8 are an error")
    func notUTF8() {
        #expect(throws: JSONFailure.self) { try IncomingFrame([0x7B, 0x22, 0xFF, 0x22, 0x7D]) }
    }

    @Test("what is unknown is ignored, not refused")
    func unknown() throws {
        for text in [
            #"{"type":"event","event":"presence","payload":[1],"seq":3,"stateVersion":{"presence":3},"x":1}"#,
            #"{"type":"event","event":"node.invoke.later","payload":{"id":"i"}}"#, #"{"type":"ping"}"#,
            #"{"type":"req","id":"1","method":"m"}"#,
        ] {
            guard case .otherEvent = try IncomingFrame(text.bytes) else { throw NotAnInvocation() }
        }
    }

    @Test("input for an invocation is known as such, whatever it is")
    func input() throws {
        let text = #"{"type":"event","event":"node.invoke.input","payload":{"id":"i","seq":0}}"#
        guard case .input = try IncomingFrame(text.bytes) else { throw NotAnInvocation() }
    }

    @Test("a cancel names its invocation, a shutdown may say when it is over")
    func others() throws {
        let cancel = #"{"type":"event","event":"node.invoke.cancel","payload":{"invokeId":"i","nodeId":"n"}}"#
        guard case .cancel(invokeID: "i") = try IncomingFrame(cancel.bytes) else { throw NotAnInvocation() }
        for (payload, milliseconds) in [
            (#","payload":{"reason":"restart","restartExpectedMs":1500}"#, 1500), (#","payload":{"reason":"x"}"#, nil),
            (#","payload":null"#, nil), ("", nil),
        ] {
            let shutdown = try IncomingFrame(#"{"type":"event","event":"shutdown"\#(payload)}"#.bytes)
            guard case .shutdown(let expected) = shutdown else { throw NotAnInvocation() }
            #expect(expected == milliseconds)
        }
    }

    @Test("nesting does no harm: refused, or handed on as text", arguments: [100, 1_000, 100_000])
    func nesting(_ depth: Int) throws {
        let nested = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        // In the text of the params it is the command's business …
        #expect(try Self.request(Self.head + #","paramsJSON":"\#(nested)""#).params == nested.bytes)
        // … in the frame itself the reader's.
        do {
            let request = try Self.request(Self.head + #","params":\#(nested)"#)
            #expect(request.params == nested.bytes || request.fault != nil)
        } catch is JSONFailure {
            #expect(depth > 100)
        }
    }

    @Test("twenty megabytes of params are taken as they are")
    func large() throws {
        let text = String(repeating: "a", count: 20 << 20)
        let request = try Self.request(Self.head + #","paramsJSON":"\#(text)""#)
        #expect(request.params?.count == 20 << 20)
    }
}
