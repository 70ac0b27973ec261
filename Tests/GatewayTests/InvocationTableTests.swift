import NodeCore
import PracticeGateway
import Testing

@testable import Gateway

@Suite(.timeLimit(.minutes(5))) struct InvocationTableTests {
    typealias Bench = TableBench

    @Test("above the limit the answer is BUSY at once, below it again after a reply")
    func busy() async throws {
        try await Bench(limit: 2).run { bench async throws in
            var gateway = Listener(bench.transport)
            var calls = bench.household.calls.reader()
            await bench.ask("1")
            await bench.ask("2")
            let first = try await calls.next()
            _ = try await calls.next()
            await bench.ask("3")
            let busy = try await gateway.result()
            #expect(busy["id"] == "3")
            #expect(busy["error"]?["code"] == "UNAVAILABLE")
            #expect(busy["error"]?["message"]?.string?.contains("BUSY") == true)

            first.answer("{}")
            #expect(try await gateway.result()["id"]?.string == first.id)
            await bench.ask("4")
            #expect(try await calls.next().id == "4")
        }
    }

    @Test("a newer gateway hears that what is not begun may be asked again") func unbegun() async throws {
        try await Bench(limit: 1, retriesUnbegun: true).run { bench async throws in
            var gateway = Listener(bench.transport)
            var calls = bench.household.calls.reader()
            await bench.ask("1")
            _ = try await calls.next()
            await bench.ask("2")
            #expect(try await gateway.result()["error"]?["code"] == "NODE_NOT_READY")
            await bench.ask("3", isStopping: true)
            #expect(try await gateway.result()["error"]?["code"] == "NODE_NOT_READY")
            // What is wrong with it stays wrong.
            await bench.ask("4", fault: "odd")
            #expect(try await gateway.result()["error"]?["code"] == "INVALID_REQUEST")
        }
    }

    @Test("what was withdrawn before it was asked for is not begun, and answered once") func withdrawnEarly()
        async throws
    {
        try await Bench().run { bench async throws in
            var gateway = Listener(bench.transport)
            await bench.table.cancel("1")
            await bench.ask("1")
            #expect(try await gateway.result()["error"]?["message"]?.string?.contains("CANCELLED") == true)
            await bench.ask("2", "device.info")
            #expect(try await gateway.result()["id"] == "2")
            // Too late to mean anything, also for whatever comes.
            await bench.table.cancel("2")
            await bench.ask("3", "device.info")
            #expect(try await gateway.result()["ok"] == true)
            #expect(bench.household.calls.all.isEmpty)
        }
    }

    @Test("a connection that takes nothing does not hold whoever reads it")
    func stuckConnection() async throws {
        try await Bench(limit: 1).run { bench async throws in
            let released = OneShot()
            bench.transport.hold(until: released)
            var gateway = Listener(bench.transport)
            await bench.ask("1")
            // Refused while nothing can be sent: asking returns all the same.
            for id in ["2", "3", "4"] { await bench.ask(id) }
            released.fire()
            let ids = [try await gateway.result(), try await gateway.result(), try await gateway.result()].map {
                $0["id"]?.string
            }
            #expect(Set(ids) == ["2", "3", "4"])
        }
    }

    @Test("who asks a thousand times and takes no answer is not read until some are sent", .timeLimit(.minutes(5)))
    func room() async throws {
        try await Bench(limit: 1).run { bench async throws in
            let released = OneShot()
            bench.transport.hold(until: released)
            for id in 0..<InvocationTable.capacity - 1 { await bench.ask("\(id)") }
            try await bench.table.hasRoom()
            await bench.ask("last")
            let read = OneShot()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await bench.table.hasRoom()
                    read.fire()
                }
                for _ in 0..<10 { await Task.yield() }
                #expect(!read.hasFired)
                released.fire()
                try await group.next()
            }
            #expect(read.hasFired)
        }
    }

    @Test("a hundred at once: as many run as may, and each is answered once")
    func hundred() async throws {
        try await Bench(limit: 8).run { bench async throws in
            var calls = bench.household.calls.reader()
            for id in 0..<100 { await bench.ask("\(id)") }
            for _ in 0..<8 { try await calls.next().answer("{}") }
            try await bench.table.drained()
            let results = bench.transport.deeds.all.compactMap { deed -> JSONValue? in
                if case .sent(let frame) = deed { frame["params"] } else { nil }
            }
            #expect(Set(results.compactMap { $0["id"]?.string }).count == 100)
            #expect(results.count == 100)
            #expect(results.filter { $0["ok"] == true }.count == 8)
            #expect(bench.household.calls.all.count == 8)
        }
    }

    @Test("the same id is performed once, while it runs and afterwards")
    func repeated() async throws {
        try await Bench().run { bench async throws in
            var gateway = Listener(bench.transport)
            var calls = bench.household.calls.reader()
            await bench.ask("1")
            await bench.ask("1")
            try await calls.next().answer("{}")
            #expect(try await gateway.result()["id"] == "1")
            await bench.ask("1")
            await bench.ask("2")
            #expect(try await calls.next().id == "2")
            #expect(bench.household.calls.all.map(\.id) == ["1", "2"])
        }
    }

    @Test("ids are forgotten after a thousand others, not before")
    func forgotten() async throws {
        try await Bench().run { bench async throws in
            var records = bench.records.reader()
            for id in 0..<1025 {
                await bench.ask("\(id)", "device.info")
                let record = try await records.next()
                #expect(record.id == "\(id)")
            }
            await bench.ask("1", "device.info")
            await bench.ask("0", "device.info")
            let record = try await records.next()
            #expect(record.id == "0")
        }
    }

    @Test("a driver that cannot be stopped keeps nobody waiting, and its late answer goes nowhere")
    func hanging() async throws {
        try await Bench().run { bench async throws in
            var gateway = Listener(bench.transport)
            var calls = bench.household.calls.reader()
            await bench.ask("1", "hang", timeoutMs: 1_000)
            let call = try await calls.next()
            await bench.clock.sleepers(1)
            bench.clock.advance(by: .seconds(1))
            #expect(try await gateway.result()["ok"] == false)
            call.answer("{}")
            await bench.ask("2", "device.info")
            #expect(try await gateway.result()["id"] == "2")
            try await bench.table.drained()
        }
    }

    @Test("the asker withdraws: the work is cancelled, and still answered")
    func cancel() async throws {
        try await Bench().run { bench async throws in
            var gateway = Listener(bench.transport)
            var cancelled = bench.household.cancelled.reader()
            await bench.ask("1")
            // Before the work has begun, perhaps: it is remembered.
            await bench.table.cancel("1")
            await bench.table.cancel("unknown")
            let result = try await gateway.result()
            #expect(result["id"] == "1")
            #expect(result["error"]?["message"]?.string?.contains("CANCELLED") == true)
            #expect(try await cancelled.next() == "1")
        }
    }

    @Test("a connection's end cancels its invocations only, and drops what they still say")
    func abandon() async throws {
        try await Bench(limit: 4).run { bench async throws in
            var calls = bench.household.calls.reader()
            var records = bench.records.reader()
            await bench.ask("1", "camera.snap")
            await bench.ask("2", "hang")
            let pair = [try await calls.next(), try await calls.next()]
            let other = Bench()
            let request = IncomingFrame.InvokeRequest(
                id: "3", nodeID: Samples.deviceID, command: "camera.snap", params: nil)
            await bench.table.take(request, from: other.sink, isStopping: false)
            let third = try await calls.next()

            await bench.table.abandon(bench.sink.closed)
            let ended = [try await records.next(), try await records.next()]
            #expect(Set(ended.map(\.id)) == ["1", "2"])
            #expect(ended.allSatisfy { $0.bytes == nil })
            for call in pair { call.answer("{}") }
            third.answer("{}")
            var gateway = Listener(other.transport)
            #expect(try await gateway.result()["id"] == "3")
            #expect(bench.transport.deeds.all.isEmpty)
        }
    }

    @Test("while stopping nothing new is begun, what runs may finish, and then it is drained")
    func drain() async throws {
        try await Bench().run { bench async throws in
            var gateway = Listener(bench.transport)
            var calls = bench.household.calls.reader()
            await bench.ask("1")
            let call = try await calls.next()
            await bench.ask("2", "device.info", isStopping: true)
            let refused = try await gateway.result()
            #expect(refused["id"] == "2")
            #expect(refused["error"]?["message"]?.string?.contains("stopping") == true)

            async let drained: Void = bench.table.drained()
            call.answer("{}")
            try await drained
            #expect(try await gateway.result()["id"] == "1")
            // Nothing under way: at once.
            try await bench.table.drained()
        }
    }

    @Test("what the frame's reader found wrong is told to the asker, and nothing is run")
    func fault() async throws {
        try await Bench().run { bench async throws in
            var gateway = Listener(bench.transport)
            await bench.ask("1", fault: "timeoutMs must be a number")
            let error = try await gateway.result()["error"]
            #expect(error?["code"] == "INVALID_REQUEST")
            #expect(error?["message"] == "INVALID_REQUEST: timeoutMs must be a number")
            #expect(bench.household.calls.all.isEmpty)
        }
    }

    @Test("a command is told how much its reply may hold, and an unknown one is refused")
    func limits() async throws {
        try await Bench(maxPayload: 524_288).run { bench async throws in
            var gateway = Listener(bench.transport)
            var calls = bench.household.calls.reader()
            await bench.ask("1")
            let call = try await calls.next()
            #expect(call.payloadLimit == ResultFrame.payloadLimit(maxPayload: 524_288))
            #expect(call.payloadLimit < 524_288)
            await bench.ask("2", "system.run")
            let error = try await gateway.result()["error"]
            #expect(error?["code"] == "INVALID_REQUEST")
            #expect(error?["message"]?.string?.contains("unknown command system.run") == true)
        }
    }

    @Test("the record of each has its time and size")
    func records() async throws {
        try await Bench().run { bench async throws in
            var calls = bench.household.calls.reader()
            var records = bench.records.reader()
            await bench.ask("1")
            let call = try await calls.next()
            bench.clock.advance(by: .seconds(3))
            call.answer(#"{"a":1}"#)
            let record = try await records.next()
            #expect(record.id == "1")
            #expect(record.command == "camera.snap")
            #expect(record.outcome == "ok")
            #expect(record.duration == .seconds(3))
            #expect(try #require(record.bytes) > 100)
        }
    }
}
