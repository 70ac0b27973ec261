import LinuxIO
import NodeCore
import NodeTesting
import PracticeGateway
import Testing
import WebSocket

@testable import Gateway

@Suite(.timeLimit(.minutes(1))) struct GatewaySessionTests {
    /// A session under way, with the test as its gateway.
    struct Bench: Sendable {
        let clock = HandClock()
        let household = Household()
        let transport = FakeTransport()
        let stopping = OneShot()
        let bell = WakeBell()
        let served = EventFeed<Void>()
        let table: InvocationTable

        init() {
            table = InvocationTable(
                registry: household.registry, limit: 8, timekeeper: clock, log: .silent, record: { _ in })
        }

        /// Runs a session and `body` beside it; gives the session's end.
        func run(takesProgress: Bool = false, _ body: @escaping @Sendable (Bench) async throws -> Void) async throws
            -> Disconnect
        {
            var hello = try Hello(Samples.hello(to: "1", tickMs: 30_000).bytes)
            hello.takesProgress = takesProgress
            let session = GatewaySession(
                transport: transport, hello: hello, nodeID: Samples.deviceID, table: table, timekeeper: clock,
                stopping: stopping, bell: bell, log: .silent, wasTicked: {},
                wasServed: { [served] _ in served.emit(()) })
            return try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await table.run() }
                async let end = session.run()
                try await body(self)
                defer { group.cancelAll() }
                return await end
            }
        }
    }

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

    @Test("two ticks' silence closes with 4000")
    func silence() async throws {
        let end = try await Bench().run { bench async throws in
            var gateway = Listener(bench.transport)
            await bench.clock.sleepers(1)
            bench.clock.advance(by: .seconds(59))
            bench.transport.deliver(text: #"{"type":"event","event":"tick","payload":{"ts":1},"seq":1}"#)
            // The next answer shows that the tick has been heard.
            bench.transport.deliver(Samples.invoke("1", "device.info"))
            #expect(try await gateway.result()["ok"] == true)
            bench.clock.advance(by: .seconds(1))
            await bench.clock.sleepers(1)
            // What is not JSON is not heard.
            bench.transport.deliver(text: "noise")
            bench.clock.advance(by: .seconds(59))
            let closed = try await gateway.closed()
            #expect(closed.code == .tickTimeout)
            #expect(closed.reason == "tick timeout")
        }
        guard case .silent = end.cause else {
            Issue.record("\(end.cause)")
            return
        }
        #expect(end.served == .seconds(119))
    }

    @Test("a tick moves the deadline, so that nothing wakes an idle node between two of them", .timeLimit(.minutes(1)))
    func movedDeadline() async throws {
        _ = try await Bench().run { bench async throws in
            let began = bench.clock.now
            await bench.clock.sleeper(until: began + .seconds(60))
            bench.clock.advance(by: .seconds(30))
            bench.transport.deliver(text: #"{"type":"event","event":"tick","payload":{"ts":1},"seq":1}"#)
            await bench.clock.sleeper(until: began + .seconds(90))
            bench.transport.close(1000, "")
        }
    }

    @Test("a message that is still coming in on a slow line is no silence", .timeLimit(.minutes(1)))
    func messageUnderWay() async throws {
        _ = try await Bench().run { bench async throws in
            let began = bench.clock.now
            await bench.clock.sleeper(until: began + .seconds(60))
            bench.transport.underWay.withLock { $0 = 4096 }
            bench.clock.advance(by: .seconds(60))
            await bench.clock.sleeper(until: began + .seconds(120))
            bench.transport.close(1000, "")
        }
    }

    @Test(
        "a gateway that says when it is back is called then, within ten seconds",
        arguments: [
            (#"{"reason":"restart","restartExpectedMs":1500}"#, 1_500), (#"{"reason":"restart"}"#, 1_000),
            (#"{"restartExpectedMs":3600000}"#, 10_000), (#"{"restartExpectedMs":-1}"#, 0),
        ])
    func shutdown(_ payload: String, _ milliseconds: Int) async throws {
        let end = try await Bench().run { bench async throws in
            bench.transport.deliver(text: #"{"type":"event","event":"shutdown","payload":\#(payload)}"#)
            bench.transport.close(1012, "service restart")
        }
        #expect(end.retry == .after(.milliseconds(milliseconds)))
        guard case .closed(.serviceRestart, reason: "service restart") = end.cause else {
            Issue.record("\(end.cause)")
            return
        }
    }

    @Test("every other end is called after the usual back-off", arguments: [1000, 1001, 1008, 1012, 1013, 4000, 4001])
    func closeCodes(_ code: UInt16) async throws {
        let end = try await Bench().run { bench in bench.transport.close(code, "reason") }
        #expect(end.retry == .backoff)
        #expect(end.served == .zero)
        guard case .closed(CloseCode(rawValue: code), reason: "reason") = end.cause else {
            Issue.record("\(end.cause)")
            return
        }
    }

    @Test("a connection that breaks is closed before the next is dialled, and its invocations are cancelled")
    func lost() async throws {
        let end = try await Bench().run { bench async throws in
            var gateway = Listener(bench.transport)
            var calls = bench.household.calls.reader()
            var cancelled = bench.household.cancelled.reader()
            bench.transport.deliver(Samples.invoke("1", "camera.snap"))
            _ = try await calls.next()
            bench.transport.fail(.lost(Errno(104)))
            #expect(try await cancelled.next() == "1")
            _ = try await gateway.closed()
        }
        guard case .transport(.lost(Errno(104)?)) = end.cause else {
            Issue.record("\(end.cause)")
            return
        }
    }

    @Test("the asker's cancel reaches the work")
    func cancel() async throws {
        _ = try await Bench().run { bench async throws in
            var gateway = Listener(bench.transport)
            bench.transport.deliver(Samples.invoke("1", "camera.snap"))
            bench.transport.deliver(
                text: #"{"type":"event","event":"node.invoke.cancel","payload":{"invokeId":"1","nodeId":"x"}}"#)
            #expect(try await gateway.result()["error"]?["message"]?.string?.contains("CANCELLED") == true)
            bench.transport.close(1000, "")
        }
    }

    @Test("stopping refuses what is new, lets finish what runs, and then closes with 1001")
    func drains() async throws {
        let end = try await Bench().run { bench async throws in
            var gateway = Listener(bench.transport)
            var calls = bench.household.calls.reader()
            bench.transport.deliver(Samples.invoke("1", "camera.snap"))
            let call = try await calls.next()
            bench.stopping.fire()
            bench.transport.deliver(Samples.invoke("2", "device.info"))
            #expect(try await gateway.result()["id"] == "2")
            call.answer("{}")
            #expect(try await gateway.result()["id"] == "1")
            #expect(try await gateway.closed().code == .goingAway)
        }
        guard case .stopping = end.cause else {
            Issue.record("\(end.cause)")
            return
        }
    }

    @Test("a gateway that falls silent while we drain does not keep us")
    func silentDrain() async throws {
        let end = try await Bench().run { bench async throws in
            var gateway = Listener(bench.transport)
            var calls = bench.household.calls.reader()
            bench.transport.deliver(Samples.invoke("1", "camera.snap", timeoutMs: 0))
            _ = try await calls.next()
            bench.stopping.fire()
            await bench.clock.sleepers(1)
            bench.clock.advance(by: .seconds(60))
            #expect(try await gateway.closed().code == .tickTimeout)
        }
        guard case .silent = end.cause else {
            Issue.record("\(end.cause)")
            return
        }
    }

    @Test("a cancelled session closes its connection")
    func cancelled() async throws {
        let bench = Bench()
        let hello = try Hello(Samples.hello(to: "1").bytes)
        let session = GatewaySession(
            transport: bench.transport, hello: hello, nodeID: Samples.deviceID, table: bench.table,
            timekeeper: bench.clock, stopping: bench.stopping, bell: bench.bell, log: .silent, wasTicked: {},
            wasServed: { _ in })
        let end = await withTaskGroup(of: Disconnect.self) { group in
            group.addTask { await session.run() }
            await bench.clock.sleepers(1)
            group.cancelAll()
            return await group.next()
        }
        guard case .stopping = end?.cause else {
            Issue.record("\(String(describing: end))")
            return
        }
        var gateway = Listener(bench.transport)
        #expect(try await gateway.closed().code == .goingAway)
    }
}
