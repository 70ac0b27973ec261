import NodeDevice
import NodeTesting
import Testing

@testable import NodeDoctor

@Suite struct PowerCheckTests {
    static let model = "Raspberry Pi 4 Model B Rev 1.4\0"

    @Test(
        "the firmware's bits are what its documentation says",
        arguments: [
            ("throttled=0x0\n", Finding.Verdict.ok), ("throttled=0x50005\n", .error), ("throttled=0x50000\n", .warning),
            ("throttled=0x4\n", .warning), ("throttled=0x80008\n", .warning), ("throttled=0x20000\n", .note),
            ("VCHI initialization failed\n", .skipped),
        ])
    func bits(text: String, verdict: Finding.Verdict) {
        #expect(PowerCheck.judge(isLow: nil, bits: BoardPower.bits(text)).verdict == verdict)
    }

    @Test(
        "the kernel's sensor tells where the firmware does not",
        arguments: [("0", Finding.Verdict.ok), ("1", .error)])
    func sensor(alarm: String, verdict: Finding.Verdict) async throws {
        try await Scene.run { scene in
            try scene.place(Self.model, at: "/proc/device-tree/model")
            try scene.place("cpu_thermal\n", at: "/sys/class/hwmon/hwmon0/name")
            try scene.place("rpi_volt\n", at: "/sys/class/hwmon/hwmon1/name")
            try scene.place(alarm + "\n", at: "/sys/class/hwmon/hwmon1/in0_lcrit_alarm")
            #expect(try await PowerCheck().findings(in: scene.patient())["power"]?.verdict == verdict)
        }
    }

    @Test("the firmware is asked by its own program, and only on a Raspberry Pi") func program() async throws {
        try await Scene.run { scene in
            try await scene.place(
                program: "#!/bin/sh\n[ $1 = get_throttled ] && echo throttled=0x50005\n", at: "/usr/bin/vcgencmd")
            #expect(try await PowerCheck().findings(in: scene.patient())["power"]?.verdict == .skipped)
            try scene.place(Self.model, at: "/proc/device-tree/model")
            #expect(try await PowerCheck().findings(in: scene.patient())["power"]?.verdict == .error)
        }
    }
}
