/// The machine's own batteries as one, and what charges them (/sys/class/power_supply, power_supply(5) of the kernel's ABI).
struct BatteryState: Equatable, Sendable {
    enum State: String, Encodable {
        case unknown, unplugged, charging, full
    }

    enum ChargingType: String, Encodable {
        case none, ac, usb, wireless
    }

    var isPresent = false
    /// 0 to 1.
    var level: Double?
    var state = State.unknown
    var chargingType = ChargingType.none
    var celsius: Double?
    /// Milliamperes; negative while it is used up.
    var current: Int?

    init(_ files: MachineFiles) {
        var levels: [Double] = []
        var states: [String] = []
        for name in files.names(in: "/sys/class/power_supply") {
            let supply = "/sys/class/power_supply/\(name)/"
            switch files.text(supply + "type") {
            // A mouse has one as well.
            case "Battery", "UPS":
                guard files.text(supply + "scope") != "Device", files.integer(supply + "present") != 0 else { continue }
                isPresent = true
                if let level = Self.level(files, supply) { levels.append(level) }
                let state = files.text(supply + "status") ?? ""
                states.append(state)
                // The first one that tells, of two: they are of the same kind.
                celsius = celsius ?? Self.celsius(files, supply)
                if let flow = files.integer(supply + "current_now"), (-1_000_000_000...1_000_000_000).contains(flow) {
                    current = (current ?? 0) + (state == "Discharging" ? -abs(flow) : abs(flow)) / 1000
                }
            case let type? where files.integer(supply + "online") == 1:
                chargingType =
                    switch type {
                    case "Mains": .ac
                    case "Wireless": .wireless
                    default: type.hasPrefix("USB") ? .usb : chargingType
                    }
            default: continue
            }
        }
        if !levels.isEmpty { level = levels.reduce(0, +) / Double(levels.count) }
        if states.contains("Discharging") {
            state = .unplugged
        } else if states.contains("Charging") {
            state = .charging
        } else if !states.isEmpty, states.allSatisfy({ $0 == "Full" }) {
            state = .full
        }
    }

    private static func level(_ files: MachineFiles, _ supply: String) -> Double? {
        if let percent = files.integer(supply + "capacity"), (0...100).contains(percent) {
            return Double(percent) / 100
        }
        for unit in ["energy", "charge"] {
            guard let now = files.integer(supply + unit + "_now"), let full = files.integer(supply + unit + "_full"),
                now >= 0, full > 0
            else { continue }
            // An old one may be said to hold more than it does.
            return min(1, Double(now) / Double(full))
        }
        return nil
    }

    private static func celsius(_ files: MachineFiles, _ supply: String) -> Double? {
        guard let tenths = files.integer(supply + "temp"), (-500...1500).contains(tenths) else { return nil }
        return Double(tenths) / 10
    }
}
