/// How hot the machine is, from the hottest of its sensors (/sys/class/thermal and /sys/class/hwmon, in thousandths of a degree).
struct ThermalState: Equatable, Sendable {
    enum State: String, Encodable {
        case nominal, fair, serious, critical
    }

    struct Sensor: Equatable {
        var celsius: Double
        /// Where the machine would switch itself off.
        var critical: Double?
    }

    /// Nil where no sensor tells how hot it may become.
    var state: State?
    var celsius: Double?

    init(_ files: MachineFiles, isThrottled: Bool) {
        self.init(Self.zones(files) + Self.chips(files), isThrottled: isThrottled)
    }

    init(_ sensors: [Sensor], isThrottled: Bool) {
        celsius = sensors.map(\.celsius).max()
        let share = sensors.compactMap { sensor in sensor.critical.map { sensor.celsius / $0 } }.max()
        state = share.map { share -> State in
            switch share {
            case ..<0.75: .nominal
            case ..<0.85: .fair
            case ..<0.95: .serious
            default: .critical
            }
        }
        if isThrottled, state != .critical { state = .serious }
    }

    private static func zones(_ files: MachineFiles) -> [Sensor] {
        let folder = "/sys/class/thermal"
        return files.names(in: folder).filter { $0.hasPrefix("thermal_zone") }.compactMap { name in
            let zone = "\(folder)/\(name)/"
            guard let celsius = degrees(files, zone + "temp") else { return nil }
            let trip = (0..<32).first { files.text("\(zone)trip_point_\($0)_type") == "critical" }
            return Sensor(
                celsius: celsius, critical: trip.flatMap { limit(files, "\(zone)trip_point_\($0)_temp") })
        }
    }

    private static func chips(_ files: MachineFiles) -> [Sensor] {
        let folder = "/sys/class/hwmon"
        return files.names(in: folder).flatMap { chip in
            files.names(in: "\(folder)/\(chip)").filter { $0.hasPrefix("temp") && $0.hasSuffix("_input") }
                .compactMap { name in
                    let sensor = "\(folder)/\(chip)/\(name.dropLast("input".count))"
                    guard let celsius = degrees(files, sensor + "input") else { return nil }
                    return Sensor(celsius: celsius, critical: limit(files, sensor + "crit"))
                }
        }
    }

    /// What is connected to nothing shows nonsense, often the end of its scale.
    private static func degrees(_ files: MachineFiles, _ path: String) -> Double? {
        files.integer(path).flatMap { (-60_000...200_000).contains($0) ? Double($0) / 1000 : nil }
    }

    private static func limit(_ files: MachineFiles, _ path: String) -> Double? {
        degrees(files, path).flatMap { $0 >= 30 ? $0 : nil }
    }
}
