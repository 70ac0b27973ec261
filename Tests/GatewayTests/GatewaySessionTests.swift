import Glibc
import LinuxIO
import NodeCore
import NodeTesting
import PracticeGateway
import Testing
import WebSocket

@testable import Gateway

@Suite(.timeLimit(.minutes(5))) struct GatewaySessionTests {
    typealias Bench = SessionBench

    @Test("what takes long gives a sign of life every ten seconds, until the gateway wants none") func signsOfLife()
        async throws
    {
        let bench = Bench()
        _ = try await bench.run(takesProgress: true) { bench async throws in
            let start = bench.clock.now
            var gateway = Listener(bench.transport)
            var calls = bench.household.calls.reader()
            bench.transport.deliver(Samples.invoke("long", "camera.snap", timeoutMs: 0))
            let call = try await calls.next()
            var last: JSONValue = [:]
            for number in 0..<2 {
                await bench.clock.sleeper(until: start + .seconds(10 * (number + 1)))
                bench.clock.advance(by: .seconds(10))
                last = try await gateway.frame()
                #expect(last["method"] == "node.invoke.progress")
                #expect(OpenClawSchema(.newest).firstFault(in: last["params"] ?? [:], as: .progress) == nil)
                #expect(last["params"]?["invokeId"] == "long" && last["params"]?["seq"]?.integer == number)
            }
            await bench.clock.sleeper(until: start + .seconds(30))
            bench.transport.deliver(
                Samples.refusal(to: last["id"]?.string ?? "", .error("INVALID_REQUEST", "unknown method")))
            // Answered after that was read.
            bench.transport.deliver(Samples.invoke("short"))
            #expect(try await gateway.frame()["params"]?["id"] == "short")
            bench.clock.advance(by: .seconds(10))
            await bench.clock.sleeper(until: start + .seconds(60))
            call.answer("{}")
            #expect(try await gateway.frame()["params"]?["id"] == "long")
            bench.transport.close(1000, "")
        }
    }

    @Test("a gateway that lists no progress is told of none") func noProgress() async throws {
        let hello = try Hello(Samples.hello(to: "1").bytes)
        #expect(!hello.takesProgress)
        let list = #""features":{"methods":["node.event","node.invoke.progress"]}"#
        #expect(try HelloTests.hello(#""protocol":4,\#(list)"#).takesProgress)
        #expect(try !HelloTests.hello(#""protocol":3,\#(list)"#).takesProgress)
        #expect(try !HelloTests.hello(#""protocol":4,"features":[]"#).takesProgress)
    }

    @Test("input that no command takes does nothing") func input() async throws {
        let bench = Bench()
        _ = try await bench.run { bench async throws in
            var gateway = Listener(bench.transport)
            bench.transport.deliver([
                "type": "event", "event": "node.invoke.input",
                "payload": ["id": "1", "nodeId": .string(Samples.deviceID), "seq": 0, "payloadJSON": "{}"],
            ])
            bench.transport.deliver(Samples.invoke("1"))
            #expect(try await gateway.frame()["params"]?["id"] == "1")
            bench.transport.close(1000, "")
        }
    }

    @Test("answers what it is asked, and says at each request that it was served")
    func serves() async throws {
        let bench = Bench()
        let end = try await bench.run { bench async throws in
            var gateway = Listener(bench.transport)
            var calls = bench.household.calls.reader()
            bench.transport.deliver(Samples.invoke("1", "device.info"))
            let result = try await gateway.result()
            #expect(result["payloadJSON"] == #"{"name":"pi"}"#)
            bench.transport.deliver(Samples.invoke("2", "camera.snap", params: #"{"maxWidth":640}"#))
            let call = try await calls.next()
            #expect(call.params == #"{"maxWidth":640}"#)
            call.answer("{}")
            #expect(try await gateway.result()["id"] == "2")
            bench.transport.close(1000, "")
        }
        guard case .closed(.normal, reason: "") = end.cause else {
            Issue.record("\(end.cause)")
            return
        }
        #expect(bench.served.all.count == 2)
    }

    @Test("survives whatever is no frame of the protocol, and serves on")
    func malformed() async throws {
        let end = try await Bench().run { bench async throws in
            var gateway = Listener(bench.transport)
            let deep = String(repeating: "[", count: 1_000) + String(repeating: "]", count: 1_000)
            for text in [
                "", "not JSON", "[]", "null", "{\"type\":7}", #"{"type":"event","event":"node.invoke.request"}"#,
                #"{"type":"res","id":12,"ok":true}"#, #"{"type":"res","id":"unknown","ok":false,"error":{}}"#,
                #"{"type":"event","event":"of.tomorrow","payload":{"deep":\#(deep)}}"#, Samples.challenge,
                #"{"type":"event","event":"node.invoke.request","payload":{"id":7,"nodeId":"x","command":"c"}}"#,
            ] {
                bench.transport.deliver(text: text)
            }
            bench.transport.deliver(bytes: [0xFF, 0xFE, 0x00])
            bench.transport.deliver(bytes: Samples.invoke("0", "device.info").bytes)
            #expect(try await gateway.result()["id"] == "0")
            bench.transport.deliver(Samples.invoke("1", "device.info", params: #"{"deep":\#(deep)}"#))
            #expect(try await gateway.result()["id"] == "1")
            bench.transport.close(1000, "")
        }
        #expect(end.retry == .backoff)
    }

    @Test("what is for another node, or has no proper id or command, is not answered")
    func notOurs() async throws {
        let bench = Bench()
        _ = try await bench.run { bench async throws in
            var gateway = Listener(bench.transport)
            bench.transport.deliver(Samples.invoke("1", nodeID: "another"))
            bench.transport.deliver(Samples.invoke(""))
            bench.transport.deliver(Samples.invoke("2", "  "))
            bench.transport.deliver(Samples.invoke(String(repeating: "x", count: 513)))
            bench.transport.deliver(Samples.invoke(String(repeating: "x", count: 512)))
            #expect(try await gateway.result()["id"]?.string?.count == 512)
            bench.transport.close(1000, "")
        }
        #expect(bench.served.all.count == 1)
    }

    @Test("a command whose name is longer than any is refused, once and in few words")
    func longCommand() async throws {
        _ = try await Bench().run { bench async throws in
            var gateway = Listener(bench.transport)
            bench.transport.deliver(Samples.invoke("1", String(repeating: "é", count: 257)))
            let error = try await gateway.result()["error"]
            #expect(error?["code"] == "INVALID_REQUEST")
            let message = try #require(error?["message"]?.string)
            #expect(message.contains("unknown command éé") && message.contains("é…;") && message.count < 200)
            // As long as names may be, it is unknown like any other.
            bench.transport.deliver(Samples.invoke("2", String(repeating: "x", count: 512)))
            #expect(try await gateway.result()["id"] == "2")
            bench.transport.deliver(Samples.invoke("3", "device.info"))
            #expect(try await gateway.result()["id"] == "3")
            bench.transport.close(1000, "")
        }
    }
}
