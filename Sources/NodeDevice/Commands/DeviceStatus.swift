import LinuxIO
import NodeCore

/// `device.status` (node-commands §15.1): in the members of phones, and `os`, `cpu`, `memory` and `disk` as Windows has them. What
/// this machine does not tell, or not soon enough, is left out.
struct DeviceStatus: Command {
    static let name: CommandName = "device.status"
    static let summary =
        "How the machine is: battery, heat, storage, network, load. Takes `sections`, to be told of some only: "
        + Section.allCases.map { "`\($0.rawValue)`" }.joined(separator: ", ") + "."

    enum Section: String, CaseIterable, Sendable {
        case battery, thermal, storage, network, os, cpu, memory, disk
    }

    struct Params: Decodable, Sendable {
        let sections: Set<Section>

        private enum Key: String, CodingKey { case sections }

        init(from decoder: any Decoder) throws {
            let members = try decoder.container(keyedBy: Key.self)
            let names = try members.decodeIfPresent([String].self, forKey: .sections) ?? []
            let sections = try names.map { name in
                guard let section = Section(rawValue: name) else {
                    let known = Section.allCases.map(\.rawValue).joined(separator: ", ")
                    throw DecodingError.dataCorruptedError(
                        forKey: .sections, in: members,
                        debugDescription: "there is no \(name.cited); there are \(known)")
                }
                return section
            }
            self.sections = Set(sections.isEmpty ? Section.allCases : sections)
        }
    }

    struct Output: Encodable, Sendable {
        struct Battery: Encodable {
            var level: Double?
            let state: BatteryState.State
            let lowPowerModeEnabled: Bool
        }

        struct Thermal: Encodable {
            let state: ThermalState.State?
            let temperatureC: Double?
        }

        struct Storage: Encodable {
            let totalBytes, freeBytes, usedBytes: Int

            init(_ space: DiskSpace) {
                totalBytes = space.totalBytes
                freeBytes = space.freeBytes
                usedBytes = max(0, space.totalBytes - space.freeBytes)
            }
        }

        struct Network: Encodable {
            enum Status: String, Encodable {
                case satisfied, unsatisfied
            }

            let status: Status
            let isExpensive: Bool
            let isConstrained: Bool
            let interfaces: [NetworkState.Kind]

            init(_ network: NetworkState) {
                status = network.kinds.isEmpty ? .unsatisfied : .satisfied
                isExpensive = network.kinds.first == .cellular
                isConstrained = false
                interfaces = network.kinds
            }
        }

        struct System: Encodable {
            let version, architecture, machineName: String
            let uptimeSeconds: Double?
        }

        struct Processor: Encodable {
            let name: String?
            let logicalProcessors: Int
            let usagePercent: Double?
            let loadAverage: [Double]?
        }

        struct Memory: Encodable {
            let totalBytes, availableBytes: Int
            let usagePercent: Double

            init(_ memory: MemoryState) {
                totalBytes = memory.total
                availableBytes = memory.available
                usagePercent = (1 - Double(memory.available) / Double(memory.total)).percent
            }
        }

        struct Disk: Encodable {
            struct Drive: Encodable {
                let name, label: String
                let totalBytes, freeBytes: Int
                let usagePercent: Double
                let format: String

                init(_ volume: Volume) {
                    name = volume.path
                    label = volume.device
                    totalBytes = volume.space.totalBytes
                    freeBytes = volume.space.freeBytes
                    usagePercent = (1 - Double(freeBytes) / Double(totalBytes)).percent
                    format = volume.format
                }
            }

            let drives: [Drive]
        }

        var battery: Battery?
        var thermal: Thermal?
        var storage: Storage?
        var network: Network?
        var uptimeSeconds: Double?
        var os: System?
        var cpu: Processor?
        var memory: Memory?
        var disk: Disk?
    }

    private let facts: MachineFacts
    private let files: Glimpse<Output>
    private let processor: Glimpse<ProcessorState>
    private let storage: Glimpse<DiskSpace?>
    private let volumes: Glimpse<[Volume]>
    private let machine: MachineFiles

    init(facts: MachineFacts, machine: MachineFiles, usageTime: Duration = .milliseconds(200)) {
        self.facts = facts
        self.machine = machine
        files = Glimpse("device") { Self.small(machine) }
        processor = Glimpse("device") { ProcessorState(machine, over: usageTime) }
        // Each by itself, for one that hangs must not cost the others.
        storage = Glimpse("storage") { try? DiskSpace(at: machine.root + "/") }  // then it is left out
        volumes = Glimpse("storage") { Volume.all(machine) }
    }

    /// What small files tell.
    private static func small(_ machine: MachineFiles) -> Output {
        var output = Output()
        let battery = BatteryState(machine)
        output.battery = Output.Battery(
            level: battery.level, state: battery.state, lowPowerModeEnabled: machine.isLowPowered)
        let heat = ThermalState(machine, isThrottled: BoardPower(machine).isThrottled)
        if heat.state != nil || heat.celsius != nil {
            output.thermal = Output.Thermal(state: heat.state, temperatureC: heat.celsius)
        }
        output.network = Output.Network(NetworkState(machine))
        output.memory = MemoryState(machine).map(Output.Memory.init)
        output.uptimeSeconds = machine.uptime
        return output
    }

    func run(_ params: Params, in context: InvocationContext) async throws -> Output {
        let wanted = params.sections
        let timekeeper = context.timekeeper
        // All at once: none waits for another that hangs.
        async let small = files.take(timekeeper)
        async let cpu = wanted.contains(.cpu) ? processor.take(timekeeper) : nil
        async let space = wanted.contains(.storage) ? storage.take(timekeeper) : nil
        async let drives = wanted.contains(.disk) ? volumes.take(timekeeper) : nil

        var output = await small ?? Output()
        let uptime = output.uptimeSeconds
        if !wanted.contains(.battery) { output.battery = nil }
        if !wanted.contains(.thermal) { output.thermal = nil }
        if !wanted.contains(.network) { output.network = nil }
        if !wanted.contains(.memory) { output.memory = nil }
        output.storage = await space.flatMap { $0 }.map(Output.Storage.init)
        if wanted.contains(.os) {
            output.os = Output.System(
                version: facts.distribution, architecture: facts.architecture, machineName: hostName(),
                uptimeSeconds: uptime)
        }
        output.cpu = await cpu.map {
            Output.Processor(
                name: $0.name, logicalProcessors: $0.count, usagePercent: $0.usage,
                loadAverage: ProcessorState.load(machine))
        }
        output.disk = await drives.map { Output.Disk(drives: $0.map(Output.Disk.Drive.init)) }
        return output
    }
}

extension MachineFiles {
    /// Since the machine was started, in seconds.
    var uptime: Double? {
        text("/proc/uptime")?.split(separator: " ").first.flatMap { Double($0) }.flatMap { $0.isFinite ? $0 : nil }
    }

    /// Whether its owner has it save power (the firmware's profile).
    var isLowPowered: Bool { text("/sys/firmware/acpi/platform_profile") == "low-power" }
}
