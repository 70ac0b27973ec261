import Glibc
import LinuxIO
import NodeCamera
import Testing

@testable import CameraV4L2

@Suite("Camera errors from the kernel")
struct CameraErrnoTests {
    @Test(
        "what the kernel says is what went wrong with the camera",
        arguments: [
            (ENODEV, CameraError.gone("/dev/video0")), (ENOENT, .gone("/dev/video0")), (ENXIO, .gone("/dev/video0")),
            (ESHUTDOWN, .gone("/dev/video0")), (EBUSY, .busy("/dev/video0")),
            (EIO, .failed("/dev/video0", reason: "Input/output error")),
        ])
    func meaning(code: CInt, error: CameraError) {
        #expect(CameraError(Errno(code), at: "/dev/video0") == error)
    }

    @Test("a refusal names the group of the node and the user that we are", arguments: [EACCES, EPERM])
    func permission(code: CInt) throws {
        let user = try #require(getpwuid(geteuid())).pointee.pw_name.map { String(cString: $0) } ?? ""
        let path = "/tmp/clawnode-errno-\(getpid())-\(code)"
        try StateFile.write(path, [], durable: false)
        defer { unlink(path) }
        // The group 1 is daemon everywhere; only root can hand a file to it, others have a group of their own.
        if geteuid() == 0 { chown(path, 0, 1) }
        let group =
            try #require(getgrgid(geteuid() == 0 ? 1 : getegid())).pointee.gr_name.map { String(cString: $0) } ?? ""
        #expect(CameraError(Errno(code), at: path) == .permission(path, group: group, user: user))
        // A node of the group root has not been handed to anybody yet; `video` is what udev's rules say.
        #expect(CameraError(Errno(code), at: "/dev/null") == .permission("/dev/null", group: "video", user: user))
    }
}
