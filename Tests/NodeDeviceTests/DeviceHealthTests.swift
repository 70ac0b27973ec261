import NodeCore
import NodeTesting
import Testing

@testable import NodeDevice

@Suite(.timeLimit(.minutes(5))) struct DeviceHealthTests {
    private func text(_ files: [String: String], failedUnits: [String]? = nil) async throws -> String {
        let machine = try FakeMachine(files)
        defer { withExtendedLifetime(machine) {} }
        let handler = Handler(DeviceHealth(machine: machine.files) { failedUnits })
        let invocation = Invocation(id: "1", command: handler.name, payloadLimit: 1 << 20)
        let context = InvocationContext(
            id: "1", deadline: nil, payloadLimit: 1 << 20, timekeeper: HandClock(), log: .silent)
        return String(decoding: try await handler.perform(invocation, context).outcome.get(), as: UTF8.self)
    }

    @Test("a machine that tells nothing is not said to be ill") func bare() async throws {
        let expected =
            #"{"battery":{"chargingType":"none","state":"unknown"},"power":{"dozeModeEnabled":false,"#
            + #""lowPowerModeEnabled":false},"rebootRequired":false,"system":{}}"#
        #expect(try await text([:]) == expected)
    }

    @Test("one that tells all has it in Android's members, and its own beside them") func whole() async throws {
        let health = try await text(
            [
                "/proc/meminfo": "MemTotal: 1000 kB\nMemAvailable: 40 kB\n", "/proc/loadavg": "1.5 1 0.5 1/2 3\n",
                "/proc/pressure/memory":
                    "some avg10=12.50 avg60=0.00 avg300=0.00 total=1\nfull avg10=2.00 avg60=0 total=1\n",
                "/proc/pressure/cpu": "some avg10=0.00 avg60=0.00 avg300=0.00 total=1\n",
                "/proc/pressure/io": "some avg10=nan\nfull avg10=900\nsome\n",
                "/sys/class/power_supply/B/type": "Battery", "/sys/class/power_supply/B/status": "Discharging",
                "/sys/class/power_supply/B/temp": "250", "/sys/class/power_supply/B/current_now": "-2000000",
                "/sys/devices/platform/soc/soc:firmware/get_throttled": "0\n", "/run/reboot-required": "",
                "/sys/block/mmcblk0/device/life_time": "0x02 0x01\n",
                "/sys/block/mmcblk0/device/pre_eol_info": "0x01\n",
                "/var/lib/update-notifier/updates-available": "\n1 update can be applied immediately.\n",
                "/sys/class/hwmon/hwmon0/temp1_input": "45500\n",
            ], failedUnits: ["nginx.service"])
        for part in [
            #""memory":{"availableRamBytes":40960,"lowMemory":true,"pressure":"critical","thresholdBytes":51200,"totalRamBytes":1024000,"usedRamBytes":983040}"#,
            #""battery":{"chargingType":"none","currentMa":-2000,"state":"unplugged","temperatureC":25}"#,
            #""load":[1.5,1,0.5]"#, #""psi":{"cpu":{"some":0},"memory":{"full":2,"some":12.5}}"#,
            #""rebootRequired":true"#, #""temperatureC":45.5"#, #""raw":"0x0""#,
            #""diskHealth":[{"device":"mmcblk0","state":"normal","wearPercent":20}]"#,
            #""failedUnits":["nginx.service"]"#, #""updatesPending":1"#,
        ] {
            #expect(health.contains(part), "\(part) in \(health)")
        }
    }

    @Test("when packages were last changed is told by its day") func updates() async throws {
        let today = try await text(["/var/lib/dpkg/status": "Package: x\n"])
        #expect(today.firstMatch(of: #/"securityPatchLevel":"\d{4}-\d{2}-\d{2}"/#) != nil)
    }

    @Test(
        "updates are those that Ubuntu has counted, in the words of its releases, and no others",
        arguments: [
            ("12 packages can be updated.\n3 updates are security updates.\n", 12),
            ("\nESM is not enabled.\n\n0 updates can be applied immediately.\n\n1 additional update can\n", 0),
            ("3 of these updates are standard security updates.\n", nil), ("-1 updates can be applied\n", nil),
            ("", nil), ("1 additional security update can be applied with ESM Apps.\n", nil),
        ] as [(String, Int?)])
    func pending(text: String, count: Int?) async throws {
        let health = try await self.text(["/var/lib/update-notifier/updates-available": text])
        #expect(health.contains("updatesPending") == (count != nil))
        if let count { #expect(health.contains("\"updatesPending\":\(count)}")) }
    }

    @Test("that no service has failed is told, too") func noneFailed() async throws {
        #expect(try await text([:], failedUnits: []).contains(#""failedUnits":[]"#))
    }

    @Test(
        "memory is tight in Android's shares",
        arguments: [
            (50, MemoryState.Pressure.critical), (51, .high), (150, .high), (151, .moderate), (300, .moderate),
            (301, .normal),
        ])
    func pressure(available: Int, expected: MemoryState.Pressure) throws {
        let memory = try FakeMachine.seen(
            ["/proc/meminfo": "MemTotal: 1000 kB\nMemAvailable: \(available) kB\n"], MemoryState.init)
        #expect(memory?.pressure == expected)
        #expect(memory.map { $0.available <= $0.threshold } == (expected == .critical))
    }

    @Test(
        "memory that cannot be is not told of",
        arguments: [
            "", "MemTotal: 0 kB\nMemAvailable: 0 kB\n", "MemTotal: 5 kB\n", "MemTotal: -5 kB\nMemFree: 1 kB\n",
            "MemTotal: 99999999999999999 kB\nMemFree: 1 kB\n",
        ])
    func nonsense(text: String) throws {
        #expect(try FakeMachine.seen(["/proc/meminfo": text], MemoryState.init) == nil)
    }

    @Test("more than there is cannot be free; old kernels tell only what is") func odd() throws {
        let memory = try FakeMachine.seen(["/proc/meminfo": "MemTotal: 5 kB\nMemFree: 9 kB\n"], MemoryState.init)
        #expect(memory?.available == 5 << 10)
    }
}
