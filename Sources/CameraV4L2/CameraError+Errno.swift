import Glibc
import LinuxIO
import NodeCamera

extension CameraError {
    /// What a failed call on the video node `path` means.
    init(_ error: Errno, at path: String) {
        switch error.code {
        case _ where error.isOfLostDevice: self = .gone(path)
        case EBUSY: self = .busy(path)
        // A node of the group root has not been handed to anybody yet; `video` is what udev's rules set.
        case EACCES, EPERM:
            self = .permission(path, group: User.group(of: path) ?? "video", user: User.own.name)
        case ENOSPC: self = .failed(path, reason: "no room left on its USB bus; plug it into another socket")
        default: self = .failed(path, reason: error.description)
        }
    }
}

extension Errno {
    /// Whether it says that there is no device any more. USB's says "shut down" until its driver has noticed.
    var isOfLostDevice: Bool { [ENOENT, ENODEV, ENXIO, ESHUTDOWN].contains(code) }
}
