import LinuxIO
import NodeCore
import NodeTesting
import Testing

@testable import NodeDevice

@Suite(.timeLimit(.minutes(5))) struct DeviceStatusTests {
    static let facts = MachineFacts(
        prettyHostName: nil, model: "Raspberry Pi 5", distribution: "Debian GNU/Linux 13 (trixie)",
        distributionID: "debian", kernel: "6.12.1", architecture: "aarch64", chassis: nil, virtualization: nil)

    static let files = [
        "/proc/uptime": "1234.56 4321.00\n",
        "/proc/meminfo": "MemTotal:        8000000 kB\nMemFree:         100 kB\nMemAvailable:    6000000 kB\n",
        "/proc/loadavg": "0.50 0.25 0.10 1/234 5678\n",
        "/proc/stat": "cpu  10 0 10 80 0 0 0 0 0 0\n", "/proc/cpuinfo": "processor\t: 0\nmodel name\t: Fast One\n",
        "/proc/net/route":
            "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\nwwan0\t00000000\t00000000\t0001\t0\t0\t0\t00000000\n",
        "/sys/class/thermal/thermal_zone0/temp": "90000\n",
        "/sys/class/thermal/thermal_zone0/trip_point_0_type": "critical\n",
        "/sys/class/thermal/thermal_zone0/trip_point_0_temp": "100000\n",
        "/sys/class/power_supply/BAT0/type": "Battery\n", "/sys/class/power_supply/BAT0/status": "Charging\n",
        "/sys/class/power_supply/BAT0/capacity": "55\n", "/sys/firmware/acpi/platform_profile": "low-power\n",
        "/proc/self/mounts":
            "/dev/sda1 / ext4 rw 0 0\n/dev/sda1 /again ext4 rw 0 0\nproc /proc proc rw 0 0\n/dev/sdb1 /gone vfat rw 0 0\n",
    ]

    private func reply(_ files: [String: String], _ params: String = "{}") async throws -> Reply {
        let machine = try FakeMachine(files)
        defer { withExtendedLifetime(machine) {} }
        let handler = Handler(DeviceStatus(facts: Self.facts, machine: machine.files, usageTime: .zero))
        let invocation = Invocation(id: "1", command: handler.name, params: Array(params.utf8), payloadLimit: 1 << 20)
        // The time stands still: what is looked for on a thread is found however late.
        let context = InvocationContext(
            id: "1", deadline: nil, payloadLimit: 1 << 20, timekeeper: HandClock(), log: .silent)
        return await handler.perform(invocation, context)
    }

    private func tree(_ files: [String: String], _ params: String = "{}") async throws -> JSONTree {
        try JSON.decode(JSONTree.self, from: try await reply(files, params).outcome.get())
    }

    @Test("all that node-commands §15.1 asks for") func whole() async throws {
        let status = try await tree(Self.files)
        #expect(status["battery"]?["state"]?.string == "charging")
        #expect(status["thermal"]?["state"]?.string == "serious")
        #expect(status["network"]?["status"]?.string == "satisfied")
        #expect(status["os"]?["version"]?.string == "Debian GNU/Linux 13 (trixie)")
        #expect(status["os"]?["architecture"]?.string == "aarch64")
        #expect(status["memory"]?["totalBytes"]?.integer == 8_000_000 << 10)
        #expect(status["memory"]?["availableBytes"]?.integer == 6_000_000 << 10)
        #expect(status["cpu"]?["name"]?.string == "Fast One")
        #expect((status["cpu"]?["logicalProcessors"]?.integer ?? 0) >= 1)
        let total = try #require(status["storage"]?["totalBytes"]?.integer)
        let (free, used) = (status["storage"]?["freeBytes"]?.integer, status["storage"]?["usedBytes"]?.integer)
        #expect(total > 0 && (free ?? -1) >= 0 && (used ?? -1) >= 0)
        let text = String(
            decoding: try await reply(Self.files, #"{"sections":["battery","network"]}"#).outcome.get(), as: UTF8.self)
        let expected =
            #"{"battery":{"level":0.55,"lowPowerModeEnabled":true,"state":"charging"},"network":{"interfaces":["cellular"],"#
            + #""isConstrained":false,"isExpensive":true,"status":"satisfied"},"uptimeSeconds":1234.56}"#
        #expect(text == expected)
    }

    @Test("each disk is told of once; what is not there any more, and what is no disk, is not") func disks()
        async throws
    {
        let text = String(decoding: try await reply(Self.files, #"{"sections":["disk"]}"#).outcome.get(), as: UTF8.self)
        #expect(text.contains(#""label":"/dev/sda1","name":"/""#) && text.contains(#""format":"ext4""#))
        #expect(text.components("label") == 1)
    }

    @Test("a machine that tells nothing has what the kernel says, and no guesses") func bare() async throws {
        let text = String(
            decoding: try await reply(
                [:], #"{"sections":["battery","thermal","network","memory","disk"],"of":"tomorrow"}"#
            ).outcome.get(), as: UTF8.self)
        let expected =
            #"{"battery":{"lowPowerModeEnabled":false,"state":"unknown"},"disk":{"drives":[]},"network":{"interfaces":[],"#
            + #""isConstrained":false,"isExpensive":false,"status":"unsatisfied"}}"#
        #expect(text == expected)
        let status = try await tree([:])
        #expect(status["cpu"]?["usagePercent"] == nil && status["uptimeSeconds"] == nil)
    }

    @Test(
        "sections that there are not are refused by name",
        arguments: [
            (#"{"sections":["gpu"]}"#, "gpu"), (#"{"sections":"disk"}"#, "sections"),
            (#"{"sections":[1]}"#, "sections"),
        ])
    func unknown(params: String, word: String) async throws {
        guard case .failure(let refusal) = try await reply([:], params).outcome else {
            Issue.record("not refused")
            return
        }
        #expect(refusal.code == .invalidRequest && refusal.message.contains(word))
    }

    @Test("how busy the processors are is told from two looks") func usage() throws {
        func times(_ line: String) throws -> ProcessorState.Times? {
            try FakeMachine.seen(["/proc/stat": line + "\ncpu0 1 1 1 1\n"], ProcessorState.Times.init)
        }
        let before = try #require(try times("cpu  100 0 100 700 100 0 0 0 0 0"))
        let after = try #require(try times("cpu  150 0 125 775 150 0 0 0 50 0"))
        #expect(ProcessorState.usage(from: before, to: after) == 37.5)
        #expect(ProcessorState.usage(from: before, to: before) == nil)
        #expect(ProcessorState.usage(from: after, to: before) == nil)
        for line in ["cpu  1 2", "cpu  1 2 3 -4", "intr 5", "cpu  1 2 3 99999999999999999999"] {
            #expect(try times(line) == nil)
        }
    }

    @Test(
        "what a mount's name escapes is undone",
        arguments: [("/a\\040b", "/a b"), ("/a\\", "/a\\"), ("/a\\9", "/a\\9"), ("\\134", "\\")])
    func escapes(field: String, path: String) {
        #expect(Volume.unescaped(field[...]) == path)
    }
}

extension String {
    /// How often `word` is in it.
    fileprivate func components(_ word: String) -> Int { ranges(of: word).count }
}
