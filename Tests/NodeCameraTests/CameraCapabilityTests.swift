import NodeCamera
import NodeCore
import Testing

@Suite("Camera capability")
struct CameraCapabilityTests {
    @Test("what is claimed is what is served")
    func commands() {
        let capability = CameraCapability.capability(driver: StillCamera(), encoder: EchoEncoder())
        #expect(capability.name == "camera")
        #expect(capability.handlers.map(\.name) == CameraCapability.commands)
        let names: [CommandName] = [
            "camera.list", "camera.snap", "camera.clip", "camera.ptz.status", "camera.ptz.control",
        ]
        #expect(CameraCapability.commands == names)
    }

    @Test(
        "what is wrong is told with the line that mends it",
        arguments: [
            (nil, "camera-none", nil),
            (
                .permission("/dev/video0", group: "video", user: "ada"), "camera-permission",
                "sudo usermod -aG video ada"
            ),
            (.failed("/dev", reason: "Input/output error"), "camera-failed", nil),
        ] as [(CameraError?, String, String?)])
    func conditions(error: CameraError?, id: String, remedy: String?) async {
        let capability = CameraCapability.capability(driver: NoCameras(error: error), encoder: EchoEncoder())
        let conditions = await capability.conditions()
        #expect(conditions.map(\.id) == [id])
        #expect(conditions.map(\.remedy) == [remedy])
    }

    @Test("a machine with a camera has nothing to tell")
    func well() async {
        #expect(await CameraCapability.capability(driver: StillCamera(), encoder: EchoEncoder()).conditions().isEmpty)
    }
}
