import Glibc
import LinuxIO
import NodeDevice

/// What a Raspberry Pi says of its power supply and its heat: the usual reasons for one that behaves oddly.
///
/// Where the kernel has no word of the firmware's, that is asked by `vcgencmd get_throttled`.
struct PowerCheck: Check {
    static let topics = ["power"]

    func findings(in patient: Patient) async -> [Finding] {
        guard patient.isRaspberryPi else { return [.skipped("power", "only a Raspberry Pi tells")] }
        var power =
            await onAbandonableThread("doctor") { BoardPower(patient.machine) } ?? BoardPower(bits: nil, isLow: nil)
        if power.bits == nil { power.bits = await Self.bits(patient) }
        return [Self.judge(isLow: power.isLow, bits: power.bits)]
    }

    private static func bits(_ patient: Patient) async -> UInt32? {
        do throws(ProgramRun.Failure) {
            let answer = try await ProgramRun.run(
                patient.root + "/usr/bin/vcgencmd", ["get_throttled"], outputLimit: 4096,
                deadline: patient.loop.now + .seconds(3), timekeeper: patient.loop, on: patient.loop)
            return BoardPower.bits(String(decoding: answer.output, as: UTF8.self))
        } catch { return nil }  // not installed, or not for this user: then the sensor alone tells
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
