import Glibc
import LinuxIO
import NodeCamera

/// What the kernel shows of cameras that libcamera puts together, found without opening anything.
struct MediaDevices: Sendable {
    var devices = "/dev"
    var classes = "/sys/class/video4linux"

    /// Changes when a camera comes or goes.
    var nodes: [String] {
        names(in: devices).filter { $0.hasPrefix("media") || $0.hasPrefix("video") || $0.hasPrefix("v4l-subdev") }
            .sorted()
    }

    /// Whether there may be a sensor: each has a node of its own for its settings.
    var mayHaveSensor: Bool { names(in: classes).contains { $0.hasPrefix("v4l-subdev") } || hasReceiver }

    /// Whether a Raspberry Pi has seen a camera on its ribbon connectors: only then the receiver's driver is loaded.
    var hasReceiver: Bool {
        names(in: classes).contains { node in
            // A node may vanish while it is looked at.
            let name = String(decoding: (try? StateFile.read("\(classes)/\(node)/name")) ?? [], as: UTF8.self)
            return name.hasPrefix("unicam") || name.hasPrefix("rp1-cfe")
        }
    }

    /// What stands in the way of a program that says it may not open something.
    var denial: CameraError {
        let memory = names(in: "\(devices)/dma_heap").sorted().map { "\(devices)/dma_heap/\($0)" }
        let path = (nodes.map { "\(devices)/\($0)" } + memory).first {
            faccessat(AT_FDCWD, $0, R_OK | W_OK, AT_EACCESS) != 0
        }
        guard let path, memory.contains(path), User.group(of: path) == nil else {
            let path = path ?? "\(devices)/dma_heap"
            return .permission(path, group: User.group(of: path) ?? "video", user: User.own.name)
        }
        // Outside Raspberry Pi OS no rule hands it to a group.
        let rule = #"SUBSYSTEM=="dma_heap", GROUP="video", MODE="0660""#
        return .failed(
            path,
            reason: "it is root's alone; run `echo '\(rule)' | sudo tee /etc/udev/rules.d/60-dma-heap.rules`, "
                + "then start the machine again")
    }

    private func names(in directory: String) -> [String] {
        // A machine without cameras lacks most of these directories.
        (try? Directory.names(in: directory)) ?? []
    }
}
