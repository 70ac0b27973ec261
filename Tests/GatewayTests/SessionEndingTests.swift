import Glibc
import LinuxIO
import NodeCore
import NodeTesting
import PracticeGateway
import Testing
import WebSocket

@testable import Gateway

/// How a session ends.
@Suite(.timeLimit(.minutes(5))) struct SessionEndingTests {
    typealias Bench = SessionBench

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

    @Test("a tick moves the deadline, so that nothing wakes an idle node between two of them", .timeLimit(.minutes(5)))
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

    @Test("a message that is still coming in on a slow line is no silence", .timeLimit(.minutes(5)))
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
            bench.transport.fail(.lost(Errno(ECONNRESET)))
            #expect(try await cancelled.next() == "1")
            _ = try await gateway.closed()
        }
        guard case .transport(.lost(Errno(ECONNRESET)?)) = end.cause else {
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
