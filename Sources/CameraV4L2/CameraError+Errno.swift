import Glibc
import LinuxIO
import NodeCamera

extension CameraError {
    /// What a failed call on the video node `path` means.
    init(_ error: Errno, at path: String) {
        switch error.code {
        case ENOENT, ENODEV, ENXIO: self = .gone(path)
        case EBUSY: self = .busy(path)
        case EACCES, EPERM: self = .permission(path, group: Self.group(of: path), user: Self.user())
        case ENOSPC: self = .failed(path, reason: "no room left on its USB bus; plug it into another socket")
        default: self = .failed(path, reason: error.description)
        }
    }

    /// The group that may open the node. Where that is nobody's, the udev rules have not run, and `video` is what they set.
    private static func group(of path: String) -> String {
        var status = stat()
        guard stat(path, &status) == 0, status.st_gid != 0 else { return "video" }
        var entry = Glibc.group()
        var found: UnsafeMutablePointer<Glibc.group>?
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 4096) { space in
            guard let start = space.baseAddress,
                getgrgid_r(status.st_gid, &entry, start, space.count, &found) == 0, found != nil,
                let name = entry.gr_name
            else { return "video" }
            return String(cString: name)
        }
    }

    private static func user() -> String {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 4096) { space in
            guard let start = space.baseAddress,
                getpwuid_r(geteuid(), &entry, start, space.count, &found) == 0, found != nil,
                let name = entry.pw_name
            else { return "$USER" }
            return String(cString: name)
        }
    }
}
