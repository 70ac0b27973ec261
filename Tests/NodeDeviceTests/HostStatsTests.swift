import NodeCore
import NodeTesting
import Testing

@testable import NodeDevice

@Suite(.timeLimit(.minutes(5))) struct HostStatsTests {
    private func stats(_ files: [String: String], home: String) async throws -> JSONTree? {
        let machine = try FakeMachine(files)
        defer { withExtendedLifetime(machine) {} }
        let json = await HostStats(home: home, machine: machine.files).json(HandClock())
        return try json.map { try JSON.decode(JSONTree.self, from: $0) }
    }

    private static let memory = ["/proc/meminfo": "MemTotal: 1000 kB\nMemAvailable: 400 kB\n"]

    @Test("the figures that gateways take") func whole() async throws {
        let files = Self.memory.merging(["/proc/loadavg": "0.5 0.25 0 1/2 3\n"]) { $1 }
        let stats = try #require(try await stats(files, home: "/"))
        #expect(stats["memoryTotalBytes"]?.integer == 1_024_000 && stats["memoryFreeBytes"]?.integer == 409_600)
        #expect((1...4096).contains(stats["cpuCount"]?.integer ?? 0))
        let (total, free) = (stats["diskTotalBytes"]?.integer ?? -1, stats["diskAvailableBytes"]?.integer ?? -1)
        #expect(free >= 0 && free <= total)
    }

    @Test("a disk that cannot be looked at costs its two members only") func diskless() async throws {
        let stats = try #require(try await stats(Self.memory, home: "/nonexistent"))
        #expect(stats["diskTotalBytes"] == nil && stats["diskAvailableBytes"] == nil)
        #expect(stats["loadAverage"] == nil)
        #expect(stats["memoryTotalBytes"]?.integer == 1_024_000)
    }

    @Test("without memory there is nothing to tell") func nothing() async throws {
        #expect(try await stats([:], home: "/") == nil)
    }
}
