import CLibAV
import Glibc
import LinuxIO

/// The kernel's own encoders and decoders.
enum CodecDevices {
    /// Whether this machine has any. Without one libavcodec takes cameras for encoders, and 5.1 dies of a v4l2loopback that is fed
    /// H.264 (a pixel format that it does not know, by whose name it wants to complain).
    static var areThere: Bool {
        // A machine without video nodes has no codecs either.
        let names = (try? Directory.names(in: "/dev")) ?? []
        return names.contains { $0.hasPrefix("video") && isCodec("/dev/\($0)") }
    }

    private static func isCodec(_ path: String) -> Bool {
        // What may not be opened cannot be used.
        guard let node = try? FileDescriptor(opening: path, flags: O_RDWR | O_NONBLOCK) else { return false }
        return CN_is_codec(node.raw) != 0
    }
}
