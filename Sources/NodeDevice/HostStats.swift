import LinuxIO
import NodeCore

/// The figures of `node.host.stats` (openclaw-gateway §6.5), which gateways show beside the node's name.
package struct HostStats: Sendable {
    private struct Figures: Encodable {
        let cpuCount: Int
        let loadAverage: [Double]?
        let memoryTotalBytes: Int
        let memoryFreeBytes: Int
        /// Both or none.
        var diskTotalBytes: Int?
        var diskAvailableBytes: Int?
    }

    private let figures: Glimpse<Figures?>
    private let space: Glimpse<DiskSpace?>

    /// `home`: where what this node keeps is, whose disk is told of.
    package init(home: String, machine: MachineFiles = MachineFiles()) {
        figures = Glimpse("device") {
            MemoryState(machine).map { memory in
                Figures(
                    cpuCount: min(ProcessorState.count, 4096), loadAverage: ProcessorState.load(machine),
                    memoryTotalBytes: memory.total, memoryFreeBytes: memory.available)
            }
        }
        space = Glimpse("storage") { try? DiskSpace(at: home) }  // then it is left out
    }

    /// As JSON; nil when the memory is not known, which a gateway wants to be told.
    package func json(_ timekeeper: any Timekeeper) async -> [UInt8]? {
        async let space = space.take(timekeeper)
        guard var figures = await figures.take(timekeeper) ?? nil else { return nil }
        if let space = await space ?? nil {
            figures.diskTotalBytes = space.totalBytes
            figures.diskAvailableBytes = min(space.freeBytes, space.totalBytes)
        }
        // Encoding these cannot fail.
        return try? JSON.encode(figures)
    }
}
