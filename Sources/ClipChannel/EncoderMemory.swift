import Glibc
import LinuxIO
import NodeMedia
import Synchronization

/// How much memory encoders may take together, so that one clip too many is refused: where it runs out, the kernel ends the worker with
/// all clips and pictures that are under way.
final class EncoderMemory: Sendable {
    let most: Int
    private let taken = Mutex(0)

    init(most: Int) {
        self.most = most
    }

    /// A part of what this process and its children may have.
    convenience init() {
        let physical = sysconf(CInt(_SC_PHYS_PAGES)) * sysconf(CInt(_SC_PAGESIZE))
        self.init(most: Self.share(physical: physical, group: Self.groupLimit()))
    }

    /// What the worker itself, pictures and the cameras' programs have of the control group's limit.
    private static let rest = 112 << 20

    /// `group`: of the control group. Of a machine half is others'.
    static func share(physical: Int, group: Int?) -> Int {
        min(physical / 2, group.map { max(0, $0 - rest) } ?? .max)
    }

    /// What encoding to that plan takes at most: with libx264 and two threads 63 MB were measured for 720p, 117 for 1080p, 380 for 4K.
    static func need(_ plan: ClipPlan) -> Int {
        let program = 24 << 20
        guard let video = plan.video, video.format != .h264 else { return program + plan.limit }
        // What each of three threads works at, what is looked ahead for and referred to, and what waits in the ring.
        return program + 30 * Image.yuv420Size(width: video.width, height: video.height) + plan.limit
    }

    /// Takes what the plan needs for as long as `body` runs.
    func lend<R: Sendable>(_ plan: ClipPlan, _ body: () async throws -> R) async throws -> R {
        let need = Self.need(plan)
        guard need <= most else { throw ClipError.noMemory(bytes: need, limit: most) }
        let isThere = taken.withLock { taken in
            guard taken + need <= most else { return false }
            taken += need
            return true
        }
        guard isThere else { throw ClipError.busy }
        defer { taken.withLock { $0 -= need } }
        return try await body()
    }

    // MARK: Control groups

    /// The least that this process' control group and those around it allow (cgroups(7), version 2); nil where none says.
    private static func groupLimit() -> Int? {
        // Without control groups nobody limits anything.
        let bytes = (try? StateFile.read("/proc/self/cgroup")) ?? []
        guard var path = groupPath(String(decoding: bytes, as: UTF8.self)) else { return nil }
        var least: Int?
        while !path.isEmpty {
            if let limit = limit(of: "/sys/fs/cgroup" + path) { least = min(least ?? limit, limit) }
            path = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
        }
        return least
    }

    /// Nil in version 1.
    static func groupPath(_ text: String) -> String? {
        let line = text.split(separator: "\n").first { $0.hasPrefix("0::/") }
        return line.map { String($0.dropFirst("0::".count)) }
    }

    private static func limit(of folder: String) -> Int? {
        // The outermost has no such file, and "max" is no number.
        guard let bytes = try? StateFile.read(folder + "/memory.max") else { return nil }
        return Int(String(decoding: bytes.filter { $0 != 0x0A }, as: UTF8.self))
    }
}
