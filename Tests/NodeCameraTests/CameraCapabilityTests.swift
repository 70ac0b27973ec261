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
}
