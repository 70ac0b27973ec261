import Glibc
import LinuxIO

/// The processes that have a device open, as far as this one may look into them: into its own user's, or as root into all.
struct DeviceHolders {
    var processes = "/proc"

    /// Such as `ffmpeg (pid 4711)`, without this process.
    func names(of path: String) -> [String] {
        guard let device = Self.device(at: path) else { return [] }
        return Self.names(in: processes).compactMap { Int32($0) }.sorted().compactMap { pid in
            let descriptors = "\(processes)/\(pid)/fd"
            let holds = Self.names(in: descriptors).contains { Self.device(at: "\(descriptors)/\($0)") == device }
            guard holds, pid != getpid() else { return nil }
            return "\(name(of: pid)) (pid \(pid))"
        }
    }

    private static func names(in directory: String) -> [String] {
        // Another user's process shows nothing.
        (try? Directory.names(in: directory)) ?? []
    }

    private func name(of pid: Int32) -> String {
        // It may have ended since; its number still helps.
        let text = (try? StateFile.read("\(processes)/\(pid)/comm")) ?? []
        return String(decoding: text.prefix { $0 != 0x0A }, as: UTF8.self)
    }

    /// The number of the character device at `path`; nil for all else.
    private static func device(at path: String) -> dev_t? {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFCHR else { return nil }
        return status.st_rdev
    }
}
