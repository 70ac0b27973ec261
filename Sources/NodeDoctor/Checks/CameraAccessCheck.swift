import LinuxIO
import NodeCamera
import NodeCore
import NodeRuntime

/// Whether whoever opens the cameras may.
struct CameraAccessCheck: Check {
    static let topics = ["camera.access"]

    func findings(in patient: Patient) async -> [Finding] {
        guard patient.enabledFamilies.contains(where: { $0.name == CameraCapability.name }) else {
            return [.skipped("camera.access", patient.complaint == nil ? "camera is off" : Patient.notUnderstood)]
        }
        let user = await patient.mediaUser()
        // Nil: cancelled, and of no interest any more.
        return await onAbandonableThread("doctor") {
            [Self.judge(Self.devices(patient), user, patient.configuration.owner, restart: patient.restart)]
        } ?? []
    }

    /// What a camera consists of for the kernel. Its memory has a device of its own on a Raspberry Pi only.
    static func devices(_ patient: Patient) -> [String] {
        let own = ["video", "media", "v4l-subdev"]
        let nodes = patient.names(in: "/dev").filter { name in
            own.contains { name.hasPrefix($0) && Int(name.dropFirst($0.count)) != nil }
        }
        let memory = patient.isRaspberryPi ? patient.names(in: "/dev/dma_heap").map { "dma_heap/\($0)" } : []
        return nodes.isEmpty ? [] : (nodes + memory).map { patient.root + "/dev/" + $0 }
    }

    static func judge(_ devices: [String], _ user: User, _ owner: NodeOwner, restart: String?) -> Finding {
        guard !devices.isEmpty else {
            return .note(
                "camera.access", "this machine has no camera", remedy: "plug one in, then: \(owner.clawnode) doctor")
        }
        // A device that goes meanwhile is none.
        let denied = devices.filter { (try? user.may([.read, .write], $0)) == false }
        guard let first = denied.first else {
            return .ok("camera.access", "\(user.name) may open \(devices.joined(separator: " "))")
        }
        // A node of the group root has not been handed to anybody yet; `video` is what udev's rules set.
        let group = User.group(of: first) ?? "video"
        let error = CameraError.permission(denied.joined(separator: " "), group: group, user: user.name)
        let words = error.refusal.message.prefix { $0 != ";" }
        let remedy = "sudo usermod -aG \(group) \(user.name)" + (restart.map { " && " + $0 } ?? "")
        return denied.count == devices.count
            ? .error("camera.access", "\(user.name) sees no camera: \(words)", remedy: remedy)
            : .warning("camera.access", "\(user.name) does not see every camera: \(words)", remedy: remedy)
    }
}
