/// What a Raspberry Pi says of its power supply and its heat.
///
/// Sources: the firmware's word as the kernel's driver gives it (`get_throttled`, in hexadecimal), whose bits are those of Raspberry
/// Pi's documentation, and the sensor `rpi_volt`, which the kernel asks every two seconds.
package struct BoardPower: Equatable, Sendable {
    package var bits: UInt32?
    /// Whether the voltage is too low just now, as the sensor has it.
    package var isLow: Bool?

    package init(bits: UInt32?, isLow: Bool?) {
        self.bits = bits
        self.isLow = isLow
    }

    package init(_ files: MachineFiles) {
        bits = Self.firmware(files).flatMap { files.text($0 + "/get_throttled") }.flatMap(Self.bits)
        let chips = files.names(in: "/sys/class/hwmon").map { "/sys/class/hwmon/" + $0 }
        let chip = chips.first { files.text($0 + "/name") == "rpi_volt" }
        isLow = chip.flatMap { files.text($0 + "/in0_lcrit_alarm") }.map { $0 == "1" }
    }

    /// Its place differs from board to board.
    private static func firmware(_ files: MachineFiles) -> String? {
        let platform = "/sys/devices/platform"
        for soc in files.names(in: platform) where soc.hasPrefix("soc") {
            for device in files.names(in: "\(platform)/\(soc)") where device.hasSuffix("firmware") {
                return "\(platform)/\(soc)/\(device)"
            }
        }
        return nil
    }

    /// Of `50005`, `0x50005` or `throttled=0x50005`.
    package static func bits(_ text: String) -> UInt32? {
        let digits = text.lastIndex(of: "x").map { text[text.index(after: $0)...] } ?? text[...]
        return UInt32(digits.prefix { $0.isHexDigit }, radix: 16)
    }

    package func has(_ bit: Int) -> Bool? { bits.map { $0 & (1 << bit) != 0 } }

    package var isUnderVoltage: Bool? { isLow == true ? true : has(0) ?? isLow }

    /// Whether the processor is held back just now, for want of power or by heat.
    var isThrottled: Bool { isUnderVoltage == true || (bits ?? 0) & 0xF != 0 }
}

/// As node-commands §22 has it (`pi.throttle`).
extension BoardPower: Encodable {
    private enum Key: String, CodingKey {
        case underVoltageNow, frequencyCappedNow, throttledNow, softTempLimitNow
        case underVoltageSinceBoot, frequencyCappedSinceBoot, throttledSinceBoot, softTempLimitSinceBoot, raw
    }

    package func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: Key.self)
        try members.encodeIfPresent(isUnderVoltage, forKey: .underVoltageNow)
        let rest: [(Key, Int)] = [
            (.frequencyCappedNow, 1), (.throttledNow, 2), (.softTempLimitNow, 3), (.underVoltageSinceBoot, 16),
            (.frequencyCappedSinceBoot, 17), (.throttledSinceBoot, 18), (.softTempLimitSinceBoot, 19),
        ]
        for (key, bit) in rest { try members.encodeIfPresent(has(bit), forKey: key) }
        try members.encodeIfPresent(bits.map { "0x" + String($0, radix: 16) }, forKey: .raw)
    }
}
