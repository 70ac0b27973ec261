import Glibc

/// What the processors do (proc(5)).
struct ProcessorState: Equatable, Sendable {
    /// Of /proc/stat's first line: the time that was spent, in ticks.
    struct Times: Equatable {
        var busy: Int
        var all: Int

        init?(_ files: MachineFiles) {
            guard let line = files.lines("/proc/stat").first(where: { $0.hasPrefix("cpu ") }) else { return nil }
            // user nice system idle iowait irq softirq steal; what guests used is in the first two.
            let ticks = line.split(separator: " ").dropFirst().prefix(8).compactMap { Int($0) }
            guard ticks.count >= 4, ticks.allSatisfy({ (0..<1 << 56).contains($0) }) else { return nil }
            all = ticks.reduce(0, +)
            busy = all - ticks[3] - (ticks.count > 4 ? ticks[4] : 0)
        }
    }

    var name: String?
    var count: Int
    /// Percent of all of them; nil when it is not told.
    var usage: Double?

    /// Takes `interval`, in which it is measured; blocks the calling thread.
    init(_ files: MachineFiles, over interval: Duration) {
        let before = Times(files)
        usleep(UInt32(interval / .microseconds(1)))
        usage = Times(files).flatMap { after in before.flatMap { Self.usage(from: $0, to: after) } }
        count = Self.count
        name = files.lines("/proc/cpuinfo").first { $0.hasPrefix("model name") }
            .flatMap { line in line.firstIndex(of: ":").map { line[line.index(after: $0)...] } }
            .map { String($0.drop { $0 == " " }) }
    }

    static func usage(from before: Times, to after: Times) -> Double? {
        guard after.all > before.all else { return nil }
        return (Double(after.busy - before.busy) / Double(after.all - before.all)).clamped.percent
    }

    /// Those that are on.
    static var count: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

    /// How many wanted one on average, over one, five and fifteen minutes.
    static func load(_ files: MachineFiles) -> [Double]? {
        let numbers = (files.text("/proc/loadavg") ?? "").split(separator: " ").prefix(3).compactMap { Double($0) }
        return numbers.count == 3 && numbers.allSatisfy { $0.isFinite && $0 >= 0 } ? numbers : nil
    }
}

extension Double {
    /// Iowait may go backwards.
    fileprivate var clamped: Double { min(max(self, 0), 1) }

    /// A share in percent, with one digit behind the point.
    var percent: Double { (self * 1000).rounded() / 10 }
}
