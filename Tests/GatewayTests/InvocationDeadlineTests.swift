import NodeCore
import PracticeGateway
import Testing

@testable import Gateway

/// How long an invocation may take.
@Suite(.timeLimit(.minutes(5))) struct InvocationDeadlineTests {
    typealias Bench = TableBench

    @Test("the answer is there a quarter of a second before the asker gives up, and the work is cancelled")
    func deadline() async throws {
        try await Bench().run { bench async throws in
            var gateway = Listener(bench.transport)
            var cancelled = bench.household.cancelled.reader()
            await bench.ask("1", timeoutMs: 20_000)
            await bench.clock.sleepers(1)
            bench.clock.advance(by: .milliseconds(19_749))
            #expect(bench.transport.deeds.all.isEmpty)
            bench.clock.advance(by: .milliseconds(1))
            let result = try await gateway.result()
            #expect(result["error"]?["message"]?.string?.contains("TIMEOUT") == true)
            #expect(try await cancelled.next() == "1")
            var records = bench.records.reader()
            #expect(try await records.next().outcome == "UNAVAILABLE")
        }
    }

    @Test("a budget too small for the margin is halved", arguments: [(100, 50), (400, 200), (501, 251)])
    func smallBudget(_ budget: Int, _ milliseconds: Int) async throws {
        try await Bench().run { bench async throws in
            var gateway = Listener(bench.transport)
            await bench.ask("1", timeoutMs: budget)
            await bench.clock.sleepers(1)
            bench.clock.advance(by: .milliseconds(milliseconds - 1))
            #expect(bench.transport.deeds.all.isEmpty)
            bench.clock.advance(by: .milliseconds(1))
            let result = try await gateway.result()
            #expect(result["ok"] == false)
        }
    }

    @Test("without a budget it is the gateways' half minute; with none, as long as it takes")
    func noBudget() async throws {
        try await Bench().run { bench async throws in
            var gateway = Listener(bench.transport)
            var calls = bench.household.calls.reader()
            await bench.ask("1")
            await bench.clock.sleepers(1)
            bench.clock.advance(by: .milliseconds(29_750))
            #expect(try await gateway.result()["id"] == "1")
            _ = try await calls.next()
            await bench.ask("2", timeoutMs: 0)
            let call = try await calls.next()
            bench.clock.advance(by: .seconds(86_400))
            call.answer("{}")
            let result = try await gateway.result()
            #expect(result["id"] == "2")
            #expect(result["ok"] == true)
        }
    }
}
