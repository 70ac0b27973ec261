import NodeCore
import Testing

@testable import Gateway

/// Invocations as gateways have pushed them (goclaw-gateway §5.6, P1, P2; §6.2, R13).
@Suite struct PushedInvocationTests {
    private func pushed(_ text: String, commands: [String] = ["device.info"]) throws -> PushedInvocation? {
        PushedInvocation(try TolerantFrame(text.bytes), commands: commands)
    }

    private static let aliases = [
        #"{"event":"node.invoke.request","payload":{"id":"a","nodeId":"n","command":"c","paramsJSON":"{\"x\":1}","timeoutMs":5}}"#,
        #"{"event":"node.invoke.request","payload":{"invokeId":"a","node_id":"n","command":"c","params":{"x":1},"timeout_ms":5}}"#,
        #"{"event":"node.invoke.request","params":{"invoke_id":"a","node_id":"n","method":"c","params":"{\"x\":1}","timeoutMs":"5"}}"#,
        #"{"event":"node.invoke.request","data":{"requestId":"a","nodeId":"n","method":"c","params":{"x":1},"timeoutMs":5.0}}"#,
        #"{"event":"node.invoke","payload":{"invokeId":"a","nodeId":"n","command":"c","args":["{\"x\":1}"],"timeoutMs":5}}"#,
    ]

    @Test("R13: its parts go by several names", arguments: aliases)
    func names(_ text: String) throws {
        let invocation = try #require(try pushed(text))
        #expect(invocation.request.id == "a")
        #expect(invocation.node == "n")
        #expect(invocation.request.command == "c")
        #expect(invocation.request.params == #"{"x":1}"#.bytes)
        #expect(invocation.request.timeoutMs == 5)
        #expect(invocation.request.fault == nil)
    }

    private static let forms: [(text: String, form: PushedInvocation.Form)] = [
        (#"{"event":"node.invoke.request","payload":{"id":"a","command":"c"}}"#, .result),
        (#"{"event":"node.invoke.request","payload":{"id":7,"command":"c"}}"#, .result),
        (#"{"event":"node.invoke.request","payload":{"invoke_id":"a","command":"c"}}"#, .compat),
        (#"{"event":"node.invoke.request","payload":{"invokeId":"a","command":"c"}}"#, .compat),
        (#"{"event":"node.invoke","payload":{"invokeId":"a","command":"c","args":[]}}"#, .compute),
        (#"{"type":"req","id":7,"method":"node.invoke","params":{"command":"c"}}"#, .response(id: .integer(7))),
        (#"{"type":"req","id":"7","method":"device.info"}"#, .response(id: .string("7"))),
    ]

    @Test("its shape says how it is answered", arguments: forms)
    func form(_ sample: (text: String, form: PushedInvocation.Form)) throws {
        #expect(try pushed(sample.text)?.form == sample.form)
    }

    @Test("what is not said is nothing, and two minutes")
    func defaults() throws {
        for payload in [
            #"{"id":"a","command":"c"}"#, #"{"id":"a","command":"c","paramsJSON":""}"#,
            #"{"id":"a","command":"c","params":null,"args":[]}"#, #"{"id":"a","command":"c","args":[""]}"#,
        ] {
            let invocation = try #require(try pushed(#"{"event":"node.invoke.request","payload":\#(payload)}"#))
            #expect(invocation.request.params == nil)
            #expect(invocation.request.timeoutMs == 120_000)
            #expect(invocation.node == nil)
        }
    }

    @Test(
        "what it should not be is answered, and not performed",
        arguments: [
            #""params":[1]"#, #""params":7"#, #""args":["a","b"]"#, #""args":[{}]"#, #""timeoutMs":-1"#,
            #""timeoutMs":"soon""#,
        ])
    func faults(_ member: String) throws {
        let text = #"{"event":"node.invoke.request","payload":{"id":"a","command":"c",\#(member)}}"#
        #expect(try pushed(text)?.request.fault != nil)
    }

    @Test(
        "what nobody could be answered is left alone",
        arguments: [
            #"{"event":"node.invoke.request"}"#, #"{"event":"node.invoke.request","payload":{"command":"c"}}"#,
            #"{"event":"node.invoke.request","payload":{"id":"a"}}"#, #"{"event":"tick","payload":{"id":"a"}}"#,
            #"{"type":"res","id":"1","ok":true}"#,
        ])
    func nothing(_ text: String) throws {
        #expect(try pushed(text) == nil)
    }

    @Test("who answers it does not keep what only who performs it needs")
    func answered() throws {
        let long = String(repeating: "x", count: 10_000)
        let invocation = try #require(
            try pushed(#"{"event":"node.invoke","payload":{"invokeId":"a","command":"\#(long)","args":["{}"]}}"#))
        let request = try #require(invocation.bounded)
        #expect(request.params == "{}".bytes)
        let answered = invocation.answered(as: request)
        #expect(answered.request.params == nil && answered.request.command == request.command)
        #expect(answered.form == .compute)
    }

    @Test("an unknown method is refused, and of a name without end only the beginning is kept")
    func unknown() throws {
        let reboot = try #require(try pushed(#"{"type":"req","id":1,"method":"reboot"}"#)?.bounded)
        #expect(reboot.fault == "unknown method reboot")
        let long = String(repeating: "x", count: 10_000)
        let cut = try #require(
            try pushed(#"{"event":"node.invoke","payload":{"invokeId":"a","command":"\#(long)"}}"#)?.bounded)
        #expect(cut.command.utf8.count < 100)
        #expect(cut.fault != nil)
        let endless = #"{"event":"node.invoke","payload":{"invokeId":"\#(long)","command":"c"}}"#
        #expect(try pushed(endless)?.bounded == nil)
        for id in ["\"\(long)\"", "[\"\(long)\"]", "{}"] {
            #expect(try pushed(#"{"type":"req","id":\#(id),"method":"device.info"}"#)?.bounded == nil)
        }
    }
}
