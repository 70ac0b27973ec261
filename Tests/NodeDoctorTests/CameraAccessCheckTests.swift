import Glibc
import LinuxIO
import NodeTesting
import Testing

@testable import NodeDoctor

@Suite struct CameraAccessCheckTests {
    /// In no group that a file here could have.
    static let stranger = User(name: "stranger", id: 54_321, groups: [54_321])

    @Test("only what belongs to a camera is looked at, a Raspberry Pi's memory for pictures included")
    func devices() async throws {
        try await Scene.run { scene in
            for name in ["video0", "media1", "v4l-subdev2", "videos", "null", "dma_heap/system"] {
                try scene.place("", at: "/dev/" + name)
            }
            let root = scene.scratch.file("root")
            let usual = ["media1", "v4l-subdev2", "video0"].map { root + "/dev/" + $0 }
            #expect(try CameraAccessCheck.devices(scene.patient()) == usual)
            try scene.place("Raspberry Pi 5 Model B Rev 1.0\0", at: "/proc/device-tree/model")
            #expect(try CameraAccessCheck.devices(scene.patient()) == usual + [root + "/dev/dma_heap/system"])
        }
    }

    @Test("who may not open them is named, with the group and the line that adds them to it") func denied() async throws
    {
        try await Scene.run { scene in
            chmod(scene.scratch.path, 0o755)
            try scene.place("", at: "/dev/video0", mode: 0o660)
            try scene.place("", at: "/dev/video1", mode: 0o666)
            let root = scene.scratch.file("root")
            let some = CameraAccessCheck.judge(
                [root + "/dev/video0", root + "/dev/video1"], Self.stranger, .user, restart: "again")
            #expect(some.verdict == .warning)
            #expect(some.summary.contains(root + "/dev/video0 belongs to the group "))
            #expect(
                some.remedy?.hasPrefix("sudo usermod -aG ") == true
                    && some.remedy?.hasSuffix(" stranger && again") == true)
            #expect(
                CameraAccessCheck.judge([root + "/dev/video0"], Self.stranger, .user, restart: "again").verdict
                    == .error)
            #expect(
                CameraAccessCheck.judge([root + "/dev/video1"], Self.stranger, .user, restart: "again").verdict == .ok)
            #expect(CameraAccessCheck.judge([root + "/dev/video0"], .own, .user, restart: nil).verdict == .ok)
        }
    }

    @Test("a machine without a camera is noted, and one whose cameras are off is not looked at") func none()
        async throws
    {
        try await Scene.run { scene in
            let on = try scene.patient("{\"capabilities\": {\"camera\": true}}")
            #expect(await CameraAccessCheck().findings(in: on)["camera.access"]?.verdict == .note)
            #expect(try await CameraAccessCheck().findings(in: scene.patient())["camera.access"]?.verdict == .skipped)
        }
    }

    @Test("a worker that systemd starts counts as its unit's user, in that user's and the unit's groups")
    func unit() async throws {
        try await Scene.run { scene in
            chmod(scene.scratch.path, 0o755)
            try scene.place("", at: "/dev/video0", mode: 0o600)
            try await scene.systemd([
                "clawnode-media@doctor.service": ["User": "nobody", "SupplementaryGroups": "video render"]
            ])
            func finding(isRoot: Bool) async throws -> Finding? {
                let text =
                    "{\"capabilities\": {\"camera\": true}, \"workers\": {\"media\": \"socket\", \"mediaSocket\": \"/none\"}}"
                return await CameraAccessCheck().findings(in: try scene.patient(text, isRoot: isRoot))["camera.access"]
            }
            let machines = try await finding(isRoot: true)
            #expect(machines?.verdict == .error)
            #expect(machines?.remedy?.hasSuffix(" nobody") == true, "\(String(describing: machines))")
            // A user's manager starts it as that user, whatever the machine's unit says.
            #expect(try await finding(isRoot: false)?.verdict == .ok)
        }
    }
}
