import Glibc
import LinuxIO
import NodeCore

/// `device.health` (node-commands §15.4), in Android's members, and what a Linux machine tells beside them.
struct DeviceHealth: Command {
    static let name: CommandName = "device.health"
    static let summary = "Whether the machine is well: memory, load, battery, throttling, disks, services, updates."

    struct Output: Encodable, Sendable {
        struct Memory: Encodable {
            let pressure: MemoryState.Pressure
            let totalRamBytes, availableRamBytes, usedRamBytes, thresholdBytes: Int
            let lowMemory: Bool

            init(_ memory: MemoryState) {
                pressure = memory.pressure
                totalRamBytes = memory.total
                availableRamBytes = memory.available
                usedRamBytes = memory.total - memory.available
                thresholdBytes = memory.threshold
                lowMemory = memory.available <= memory.threshold
            }
        }

        struct Battery: Encodable {
            let state: BatteryState.State
            let chargingType: BatteryState.ChargingType
            let temperatureC: Double?
            let currentMa: Int?
        }

        struct Power: Encodable {
            var dozeModeEnabled = false
            let lowPowerModeEnabled: Bool
        }

        struct System: Encodable {
            /// The day on which a package was last installed or updated.
            let securityPatchLevel: String?
        }

        /// The share of the last ten seconds in which something (`some`) or everything (`full`) had to wait, in percent.
        struct Stall: Encodable, Equatable {
            var some, full: Double?
        }

        var memory: Memory?
        let battery: Battery
        let power: Power
        let system: System
        let load: [Double]?
        /// Of `cpu`, `memory` and `io`; nil on kernels that do not measure it.
        let psi: [String: Stall]?
        /// Nil on boards that do not tell.
        let throttle: BoardPower?
        let temperatureC: Double?
        /// Nil where no disk tells.
        let diskHealth: [DiskHealth]?
        /// By name. Nil where nobody knows of services.
        var failedUnits: [String]?
        /// Packages; nil where the machine has not counted them.
        let updatesPending: Int?
        let rebootRequired: Bool

        init(_ files: MachineFiles) {
            memory = MemoryState(files).map(Memory.init)
            let battery = BatteryState(files)
            self.battery = Battery(
                state: battery.state, chargingType: battery.chargingType, temperatureC: battery.celsius,
                currentMa: battery.current)
            power = Power(lowPowerModeEnabled: files.isLowPowered)
            system = System(securityPatchLevel: files.lastUpdate)
            load = ProcessorState.load(files)
            let stalls = ["cpu", "memory", "io"].compactMap { name -> (String, Stall)? in
                Stall(files, name).map { (name, $0) }
            }
            psi = stalls.isEmpty ? nil : Dictionary(uniqueKeysWithValues: stalls)
            let board = BoardPower(files)
            throttle = board == BoardPower(bits: nil, isLow: nil) ? nil : board
            temperatureC = ThermalState(files, isThrottled: board.isThrottled).celsius
            let disks = DiskHealth.all(files)
            diskHealth = disks.isEmpty ? nil : disks
            updatesPending = files.updatesPending
            rebootRequired = files.has("/run/reboot-required")
        }
    }

    private let files: Glimpse<Output>
    private let failedUnits: @Sendable () async -> [String]?

    init(machine: MachineFiles, failedUnits: @escaping @Sendable () async -> [String]?) {
        files = Glimpse("device") { Output(machine) }
        self.failedUnits = failedUnits
    }

    func run(_ params: NoParams, in context: InvocationContext) async throws -> Output {
        async let units = failedUnits()
        guard var output = await files.take(context.timekeeper) else {
            try Task.checkCancellation()
            throw Refusal(
                .unavailable,
                "the machine's own figures cannot be read: a driver hangs; dmesg on that machine says which")
        }
        output.failedUnits = await units
        return output
    }
}

extension DeviceHealth.Output.Stall {
    /// Of /proc/pressure (the kernel's PSI).
    init?(_ files: MachineFiles, _ name: String) {
        for line in files.lines("/proc/pressure/" + name) {
            let words = line.split(separator: " ")
            guard words.count > 1, words[1].hasPrefix("avg10="), let share = Double(words[1].dropFirst("avg10=".count)),
                (0...100).contains(share)
            else { continue }
            if words[0] == "some" { some = share } else if words[0] == "full" { full = share }
        }
        if some == nil && full == nil { return nil }
    }
}

extension MachineFiles {
    /// When dpkg last changed anything, as a date.
    fileprivate var lastUpdate: String? {
        var status = stat()
        guard stat(root + "/var/lib/dpkg/status", &status) == 0 else { return nil }
        return WallClock.text(.universal, at: status.st_mtim.tv_sec * 1000).date
    }

    /// As Ubuntu's update-notifier has written it for who logs in: `12 updates can be applied immediately.`, of packages in older
    /// releases. Other systems keep no count, and having apt make one takes a small board seconds.
    fileprivate var updatesPending: Int? {
        for line in lines("/var/lib/update-notifier/updates-available") {
            let words = line.split(separator: " ")
            guard words.count > 3, let count = Int(words[0]), count >= 0, words[2] == "can",
                ["update", "updates", "package", "packages"].contains(words[1])
            else { continue }
            return count
        }
        return nil
    }
}
