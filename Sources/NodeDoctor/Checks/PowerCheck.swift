import Glibc
import LinuxIO

/// What a Raspberry Pi says of its power supply and its heat: the usual reasons for one that behaves oddly.
///
/// Sources: the kernel's sensor `rpi_volt` (/sys/class/hwmon), and the firmware, asked by `vcgencmd get_throttled`, whose bits
/// are those of Raspberry Pi's documentation.
struct PowerCheck: Check {
    static let topics = ["power"]

    func findings(in patient: Patient) async -> [Finding] {
        guard patient.isRaspberryPi else { return [.skipped("power", "only a Raspberry Pi tells")] }
        let isLow = await onAbandonableThread("doctor") { Self.sensor(patient) } ?? nil
        return [Self.judge(isLow: isLow, bits: await Self.bits(patient))]
    }

    /// Whether the voltage was too low within the last two seconds: the kernel's driver asks the firmware that often, and has it
    /// forget what it told. Nil where there is no such sensor.
    static func sensor(_ patient: Patient) -> Bool? {
        let chips = patient.names(in: "/sys/class/hwmon").map { "/sys/class/hwmon/" + $0 }
        guard let chip = chips.first(where: { patient.text($0 + "/name") == "rpi_volt" }) else { return nil }
        return patient.text(chip + "/in0_lcrit_alarm").map { $0 == "1" }
    }

    private static func bits(_ patient: Patient) async -> UInt32? {
        do throws(ProgramRun.Failure) {
            let answer = try await ProgramRun.run(
                patient.root + "/usr/bin/vcgencmd", ["get_throttled"], outputLimit: 4096,
                deadline: patient.loop.now + .seconds(3), timekeeper: patient.loop, on: patient.loop)
            return bits(String(decoding: answer.output, as: UTF8.self))
        } catch { return nil }  // not installed, or not for this user: then the sensor alone tells
    }

    /// Of `throttled=0x50005`.
    static func bits(_ text: String) -> UInt32? {
        guard let start = text.firstIndex(of: "x") else { return nil }
        return UInt32(text[text.index(after: start)...].prefix { $0.isHexDigit }, radix: 16)
    }

    private static let better =
        "use the board's own power supply (5.1 V; 3 A, for a Pi 5 5 A) on a short cable, then: vcgencmd get_throttled"
    private static let cooler = "give it a heat sink or a fan, then: vcgencmd get_throttled"

    static func judge(isLow: Bool?, bits: UInt32?) -> Finding {
        func has(_ bit: Int) -> Bool { (bits ?? 0) & (1 << bit) != 0 }
        if isLow == true || has(0) {
            return .error("power", "the supply's voltage is too low just now: expect crashes", remedy: better)
        }
        if has(16) {
            return .warning("power", "the supply's voltage has been too low since the start", remedy: better)
        }
        if has(2) || has(3) || has(1) {
            return .warning("power", "the processor is slowed down just now, by heat", remedy: cooler)
        }
        if has(17) || has(18) || has(19) {
            return .note("power", "the processor has been slowed down since the start, by heat", remedy: cooler)
        }
        guard isLow != nil || bits != nil else { return .skipped("power", "neither its firmware nor the kernel tells") }
        return .ok("power", "voltage and heat are as they should be")
    }
}
