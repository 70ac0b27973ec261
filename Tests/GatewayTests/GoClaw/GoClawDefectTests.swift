import LinuxIO
import NodeCore
import PracticeGateway
import Testing
import WebSocket

@testable import Gateway

/// What another client of such gateways has got wrong, by the numbers of goclaw-gateway §7. D1, D2 and D16 are
/// `GoClawBackoffTests`', D4 and D5 of frames `TolerantFrameTests`', D7 `GoClawDetectionTests`'.
@Suite(.timeLimit(.minutes(5))) struct GoClawDefectTests {
    @Test("B1: what is asked right after connect is answered")
    func firstRequest() async throws {
        try await LinkBench.goclaw().run { gateway async throws in
            var line = try await GoClawPeer(&gateway)
            line.admit(try await line.asked("connect"), as: "admin")
            line.answer(
                try await line.asked("node.list"),
                ["count": 1, "nodes": [["nodeId": .string(Samples.identity.instanceID)]]])
            #expect(try await gateway.connected().role == "admin")
        }
    }

    @Test("B2: an event between the response to connect and the first request is delivered exactly once")
    func eventInTheGap() async throws {
        try await LinkBench.goclaw().run { gateway async throws in
            var line = try await GoClawPeer(&gateway)
            let id = try await line.asked("connect")
            line.admit(id, as: "admin")
            line.transport.deliver(Samples.invoke("1", "camera.snap"))
            var calls = gateway.bench.household.calls.reader()
            try await calls.next().answer("{}")
            #expect(try await line.listener.result()["id"] == "1")
            line.transport.deliver(Samples.invoke("2"))
            #expect(try await line.listener.result()["id"] == "2")
            #expect(gateway.bench.household.calls.all.count == 1)
        }
    }

    @Test("B3: an event before the response to connect is delivered, and the node is ready only when all is asked")
    func ready() async throws {
        let bench = try LinkBench.goclaw()
        try await bench.run { gateway async throws in
            var line = try await GoClawPeer(&gateway)
            let id = try await line.asked("connect")
            line.transport.deliver(Samples.invoke("early"))
            #expect(try await line.listener.result()["id"] == "early")
            line.admit(id, as: "admin")
            let list = try await line.asked("node.list")
            #expect(!bench.events.all.contains { if case .connected = $0 { true } else { false } })
            line.answer(list, ["count": 0, "nodes": []])
            _ = try await gateway.connected()
        }
    }

    @Test("D3: when the connection dies, what waits for an answer fails at once, and answers to it count no more")
    func lostCalls() async throws {
        try await LinkBench.goclaw().run { gateway async throws in
            var line = try await GoClawPeer(&gateway)
            line.admit(try await line.asked("connect"), as: "admin")
            let list = try await line.asked("node.list")
            line.transport.fail()
            // The time stands still.
            try await gateway.waitOver()
            var next = try await GoClawPeer(&gateway)
            let connect = try await next.asked("connect")
            next.answer(list, ["protocol": 3, "role": "owner"])
            next.admit(connect)
            #expect(try await gateway.connected().role == "operator")
        }
    }

    @Test("D5: frames in other words, and no frames at all, cost nothing but themselves")
    func oddFrames() async throws {
        try await LinkBench.goclaw().admitted { _, line async throws in
            for text in [
                "", "[]", "{", "null", #"{"type":"res","id":{},"ok":"yes"}"#, #"{"type":"event"}"#,
                #"{"type":"res","id":1,"error":{"code":-32601}}"#, #"{"type":"news"}"#,
            ] { line.transport.deliver(text: text) }
            line.transport.deliver(bytes: [0xFF, 0xFE, 0x00])
            line.transport.deliver(Samples.invoke("1"))
            #expect(try await line.listener.result()["id"] == "1")
            // R18: what can be read may come as bytes too.
            line.transport.deliver(bytes: Samples.invoke("2").bytes)
            #expect(try await line.listener.result()["id"] == "2")
        }
    }

    @Test("numbers of events that are missing, repeated or go back mean nothing here")
    func sequence() async throws {
        try await LinkBench.goclaw().admitted { _, line async throws in
            for (id, number) in [("1", 7), ("2", 3), ("3", 3), ("4", 900)] as [(String, Double)] {
                line.transport.deliver([
                    "type": "event", "event": "node.invoke.request", "seq": .number(number),
                    "payload": ["id": .string(id), "command": "device.info"],
                ])
                #expect(try await line.listener.result()["id"]?.string == id)
            }
        }
    }

    @Test("R15: a role that nobody knows is let in, with a token too, and may do the least")
    func unknownRole() async throws {
        try await LinkBench(dialect: .goclaw).run { gateway async throws in
            var line = try await GoClawPeer(&gateway)
            line.admit(try await line.asked("connect"), as: "caretaker")
            #expect(try await gateway.connected().role == "unknown")
        }
    }

    @Test("D6: a response that is not ok does not let us in, whatever it holds")
    func ok() async throws {
        try await LinkBench.goclaw().run { gateway async throws in
            var line = try await GoClawPeer(&gateway)
            let id = try await line.asked("connect")
            line.transport.deliver([
                "type": "res", "id": .string(id), "ok": false, "payload": ["protocol": 3, "role": "admin"],
            ])
            #expect(try await gateway.wait().condition.id == "gateway-unreachable")
        }
    }

    /// Lets the time to the next ping pass, and no answer to that come.
    private func missPong(_ bench: LinkBench, _ line: GoClawPeer) async {
        await bench.clock.sleeper(until: bench.clock.now + .seconds(25))
        bench.clock.advance(by: .seconds(25))
        line.transport.pong(.timedOut("the answer to a ping"))
    }

    @Test("D8: a connection from which nothing comes, not even the answer to a ping, is dead after 75 seconds")
    func silence() async throws {
        let bench = try LinkBench.goclaw()
        try await bench.admitted { gateway, line async throws in
            let began = bench.clock.now
            for _ in 0..<3 {
                await missPong(bench, line)
            }
            #expect(try await gateway.wait().condition.summary.contains("nothing was heard"))
            #expect(began.duration(to: bench.clock.now) == .seconds(75))
        }
    }

    @Test("D8: a frame in between is a sign of life")
    func signOfLife() async throws {
        let bench = try LinkBench.goclaw()
        try await bench.admitted { _, line async throws in
            for number in 0..<6 {
                await missPong(bench, line)
                line.transport.deliver(Samples.invoke("\(number)"))
                _ = try await line.listener.result()
            }
        }
    }

    @Test("D8: a message that is still coming in is a sign of life")
    func messageUnderWay() async throws {
        let bench = try LinkBench.goclaw()
        try await bench.admitted { _, line async throws in
            for number in 1..<6 {
                line.transport.underWay.withLock { $0 = number * 1_000 }
                await missPong(bench, line)
            }
            line.transport.deliver(Samples.invoke("1"))
            _ = try await line.listener.result()
        }
    }

    @Test("D9: it stops at once, though it waits for a frame, and says goodbye")
    func stop() async throws {
        let bench = try LinkBench.goclaw()
        try await bench.admitted { _, line async throws in
            bench.link.stop()
            #expect(try await line.listener.closed().code == .goingAway)
        }
    }

    @Test("D10: a command that hangs holds up nobody, and what is one too many is answered")
    func busy() async throws {
        let bench = try LinkBench.goclaw()
        try await bench.admitted { _, line async throws in
            for number in 0..<8 { line.transport.deliver(Samples.invoke("\(number)", "camera.snap")) }
            line.transport.deliver(Samples.invoke("8"))
            let refused = try await line.listener.result()
            #expect(refused["id"] == "8")
            #expect(refused["error"]?["code"] == "UNAVAILABLE")
            var calls = bench.household.calls.reader()
            for _ in 0..<8 {
                try await calls.next().answer("{}")
                #expect(try await line.listener.result()["ok"] == true)
            }
        }
    }

    @Test("D11: what cannot be written in time ends the connection")
    func stuckWrite() async throws {
        let bench = try LinkBench(dialect: .auto)
        try await bench.run { gateway async throws in
            let line = try await GoClawPeer(&gateway)
            line.transport.hold(until: OneShot())
            await bench.clock.sleeper(until: bench.clock.now + .seconds(2))
            bench.clock.advance(by: .seconds(2))
            await bench.clock.sleeper(until: bench.clock.now + .seconds(10))
            bench.clock.advance(by: .seconds(10))
            #expect(try await gateway.wait().condition.summary.contains("did not answer"))
        }
    }

    @Test("D11: a gateway that takes nothing for ten seconds is left, also in the middle of a reply")
    func writeLimit() async throws {
        try await LinkBench.goclaw().admitted { gateway, line async throws in
            let limits = line.transport.deeds.all.compactMap {
                if case .writeLimited(let limit) = $0 { limit } else { nil }
            }
            #expect(limits == [.seconds(10)])
            line.transport.fail(.timedOut("the peer's reading"))
            #expect(try await gateway.wait().condition.summary.contains("the peer's reading took too long"))
        }
    }

    @Test("D12: what is asked of a connection that is over fails at once")
    func over() async {
        let calls = CallTable()
        calls.end()
        calls.expect("1")
        #expect(await calls.outcome(of: "1") == .failure(.connectionLost))
        #expect(await calls.outcome(of: "never asked") == .failure(.connectionLost))
    }

    @Test("R8, R9: what is said of no request is an error of the only one, and the first answer counts")
    func nameless() async {
        func answer(_ id: String, _ fault: GoClawFault?) -> TolerantFrame.Response {
            TolerantFrame.Response(id: id, payload: .string(id), fault: fault)
        }
        let fault = GoClawFault("INVALID_REQUEST", "malformed request")
        let calls = CallTable()
        calls.expect("1")
        #expect(!calls.take(answer("", nil)))
        #expect(!calls.take(answer("7", fault)))
        calls.take(answer("", fault))
        #expect(!calls.take(answer("1", nil)))
        #expect(await calls.outcome(of: "1") == .failure(fault))
        calls.forget("1")
        calls.expect("2")
        calls.expect("3")
        #expect(!calls.take(answer("", fault)))
        calls.take(answer("3", nil))
        #expect(await calls.outcome(of: "3") == .success(.string("3")))
    }

    @Test("D13: a method that the gateway does not know is asked for once in a connection")
    func unknownMethod() async throws {
        let bench = try LinkBench.goclaw()
        try await bench.run { gateway async throws in
            var line = try await GoClawPeer(&gateway)
            line.admit(try await line.asked("connect"), as: "admin")
            line.refuse(try await line.asked("node.list"), "INVALID_REQUEST")
            _ = try await gateway.connected()
            line.transport.deliver(Samples.invoke("1"))
            #expect(try await line.listener.result()["ok"] == true)
            let lists = line.transport.deeds.all.count {
                if case .sent(let frame) = $0 { frame["method"] == "node.list" } else { false }
            }
            #expect(lists == 1)
        }
    }

    @Test("D14: what is read at once has a limit")
    func limit() async throws {
        try await LinkBench.goclaw().admitted { _, line async throws in
            let limits = line.transport.deeds.all.compactMap { if case .limited(let bytes) = $0 { bytes } else { nil } }
            #expect(limits == [16 << 20])
        }
    }

    @Test("D15: an orderly end is told with its code, its reason and what follows")
    func orderlyEnd() async throws {
        try await LinkBench.goclaw().admitted { gateway, line async throws in
            line.transport.close(1001, "maintenance")
            let wait = try await gateway.wait()
            #expect(wait.condition.summary.contains("1001 maintenance"))
            #expect(wait.delay > .zero && wait.delay <= .seconds(1))
        }
    }
}
