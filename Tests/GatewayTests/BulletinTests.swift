import NodeCore
import NodeTesting
import PracticeGateway
import Testing

@testable import Gateway

@Suite(.timeLimit(.minutes(5))) struct BulletinTests {
    private static let bulletin = Bulletin("node.host.stats", every: .seconds(20)) { _ in
        Array(#"{"cpuCount":4,"memoryTotalBytes":8,"memoryFreeBytes":4}"#.utf8)
    }

    @Test("the gateway is told at once, and then every so often") func regularly() async throws {
        let bench = SessionBench()
        _ = try await bench.run(bulletins: [Self.bulletin]) { bench async throws in
            let start = bench.clock.now
            var gateway = Listener(bench.transport)
            for round in 1...3 {
                let frame = try await gateway.frame()
                #expect(frame["method"] == "node.event")
                let params = frame["params"] ?? .null
                #expect(OpenClawSchema(.newest).firstFault(in: params, as: .nodeEvent) == nil)
                #expect(params["event"] == "node.host.stats")
                let payload = try JSONReader.read(Array((params["payloadJSON"]?.string ?? "").utf8))
                #expect(OpenClawSchema(.newest).firstFault(in: payload, as: .hostStats) == nil)
                #expect(payload["cpuCount"]?.integer == 4)
                // Answers of every kind that are no refusal.
                let answers: [JSONValue] = [["ok": true], ["ok": true, "handled": true], ["handled": 0]]
                bench.transport.deliver([
                    "type": "res", "id": frame["id"] ?? "", "ok": true, "payload": answers[round - 1],
                ])
                // Answered after that was read.
                bench.transport.deliver(Samples.invoke("\(round)"))
                #expect(try await gateway.result()["id"]?.string == "\(round)")
                await bench.clock.sleeper(at: start + .seconds(20 * round))
                bench.clock.advance(by: .seconds(20))
            }
            bench.transport.close(1000, "")
        }
    }

    @Test("a gateway that does nothing with it is not told again for an hour", arguments: [true, false])
    func unwanted(isRefused: Bool) async throws {
        let bench = SessionBench()
        _ = try await bench.run(bulletins: [Self.bulletin]) { bench async throws in
            let start = bench.clock.now
            var gateway = Listener(bench.transport)
            let id = try await gateway.frame()["id"]?.string ?? ""
            await bench.clock.sleeper(at: start + .seconds(20))
            bench.transport.deliver(
                isRefused
                    ? Samples.refusal(to: id, ["code": "INVALID_REQUEST", "message": "unknown event"])
                    : [
                        "type": "res", "id": .string(id), "ok": true,
                        "payload": [
                            "ok": true, "event": "node.host.stats", "handled": false, "reason": "invalid_payload",
                        ],
                    ])
            // Answered after that was read.
            bench.transport.deliver(Samples.invoke("1"))
            #expect(try await gateway.frame()["params"]?["id"] == "1")
            bench.clock.advance(by: .seconds(20))
            bench.transport.deliver(Samples.invoke("2"))
            #expect(try await gateway.frame()["params"]?["id"] == "2")
            await bench.clock.sleeper(at: start + .seconds(20 + 3600))
            bench.clock.advance(by: .seconds(3600))
            #expect(try await gateway.frame()["method"] == "node.event")
            bench.transport.close(1000, "")
        }
    }

    @Test("one that has no use for one of two is told the other") func two() async throws {
        let bench = SessionBench()
        let feed = EventFeed<Bool>()
        let presence = Bulletin("node.presence.activity", every: .seconds(15)) { isFirst in
            feed.emit(isFirst)
            return Array(#"{"idleSeconds":0}"#.utf8)
        }
        _ = try await bench.run(bulletins: [Self.bulletin, presence]) { bench async throws in
            let start = bench.clock.now
            var gateway = Listener(bench.transport)
            var ids: [String: String] = [:]
            for _ in 1...2 {
                let frame = try await gateway.frame()
                ids[frame["params"]?["event"]?.string ?? ""] = frame["id"]?.string
            }
            let id = try #require(ids["node.host.stats"])
            bench.transport.deliver(Samples.refusal(to: id, ["code": "INVALID_REQUEST", "message": "unknown event"]))
            bench.transport.deliver(Samples.invoke("1"))
            #expect(try await gateway.result()["id"]?.string == "1")
            for second in [15, 30, 45] {
                await bench.clock.sleeper(at: start + .seconds(second))
                bench.clock.advance(by: .seconds(15))
                #expect(try await gateway.frame()["params"]?["event"] == "node.presence.activity")
            }
            #expect(feed.all == [true, false, false, false])
            bench.transport.close(1000, "")
        }
    }

    @Test("older gateways are not told") func older() async throws {
        let bench = SessionBench()
        _ = try await bench.run(protocolVersion: 3, bulletins: [Self.bulletin]) { bench async throws in
            var gateway = Listener(bench.transport)
            bench.transport.deliver(Samples.invoke("1"))
            #expect(try await gateway.frame()["params"]?["id"] == "1")
            bench.transport.close(1000, "")
        }
    }

    @Test("without anything to tell, nothing is told, and it is asked for again") func nothing() async throws {
        let bench = SessionBench()
        let asked = EventFeed<Void>()
        let bulletin = Bulletin("e", every: .seconds(20)) { isFirst in
            #expect(isFirst)
            asked.emit(())
            return asked.all.count == 1 ? nil : Array("{}".utf8)
        }
        _ = try await bench.run(bulletins: [bulletin]) { bench async throws in
            let start = bench.clock.now
            var gateway = Listener(bench.transport)
            await bench.clock.sleeper(at: start + .seconds(20))
            bench.clock.advance(by: .seconds(20))
            #expect(try await gateway.frame()["params"]?["event"] == "e")
            bench.transport.close(1000, "")
        }
    }
}
