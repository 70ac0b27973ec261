import NodeCore
import Testing

@testable import NodeDevice

@Suite struct BoardPowerTests {
    private static let chip = "/sys/class/hwmon/hwmon1/"

    @Test(
        "the firmware's word is found on each board",
        arguments: ["soc/soc:firmware", "soc@107c000000/soc@107c000000:firmware"])
    func firmware(place: String) throws {
        let power = try FakeMachine.seen(
            ["/sys/devices/platform/\(place)/get_throttled": "50005\n", "/sys/devices/platform/soc.x/y": ""],
            BoardPower.init)
        #expect(power == BoardPower(bits: 0x50005, isLow: nil))
        #expect(power.isUnderVoltage == true && power.isThrottled)
        #expect(power.has(1) == false && power.has(2) == true && power.has(16) == true)
        let expected =
            #"{"frequencyCappedNow":false,"frequencyCappedSinceBoot":false,"raw":"0x50005","softTempLimitNow":false,"#
            + #""softTempLimitSinceBoot":false,"throttledNow":true,"throttledSinceBoot":true,"underVoltageNow":true,"#
            + #""underVoltageSinceBoot":true}"#
        #expect(String(decoding: try JSON.encode(power), as: UTF8.self) == expected)
    }

    @Test(
        "the kernel's sensor tells of the voltage, with or without the firmware",
        arguments: [("1", true), ("0", false)])
    func sensor(alarm: String, isLow: Bool) throws {
        let files = [
            Self.chip + "name": "rpi_volt\n", Self.chip + "in0_lcrit_alarm": alarm + "\n",
            "/sys/class/hwmon/hwmon0/name": "cpu_thermal\n",
        ]
        let power = try FakeMachine.seen(files, BoardPower.init)
        #expect(power == BoardPower(bits: nil, isLow: isLow))
        #expect(power.isUnderVoltage == isLow && power.isThrottled == isLow)
        let text = String(decoding: try JSON.encode(power), as: UTF8.self)
        #expect(text == "{\"underVoltageNow\":\(isLow)}")
        #expect(BoardPower(bits: 0, isLow: isLow).isUnderVoltage == isLow)
    }

    @Test("of words that are no number nothing is known", arguments: ["", "VCHI initialization failed", "0x", "zz"])
    func nonsense(text: String) {
        #expect(BoardPower.bits(text) == nil)
    }

    @Test("what was, and is over, slows nothing down") func past() {
        #expect(!BoardPower(bits: 0xF0000, isLow: false).isThrottled)
    }
}
