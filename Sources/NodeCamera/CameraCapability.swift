import NodeCore
import NodeMedia

/// The `camera` family as a whole.
package enum CameraCapability {
    package static let name = "camera"
    package static let summary =
        "A gateway may list this machine's cameras, take pictures and clips with them and point them."

    /// What each command is for.
    package static let manual: [(name: CommandName, summary: String)] = [
        (CameraList.name, CameraList.summary), (CameraSnap.name, CameraSnap.summary),
        (CameraClip.name, CameraClip.summary),
        (CameraPTZStatus.name, CameraPTZStatus.summary), (CameraPTZControl.name, CameraPTZControl.summary),
    ]
    /// The names by themselves, for whoever forwards the commands to where the drivers are.
    package static let commands = manual.map(\.name)

    package static func capability(
        driver: any CameraDriver, encoder: any ImageEncoder, recorder: ClipRecorder,
        configuration: CameraConfiguration = CameraConfiguration()
    ) -> Capability {
        let finder = CameraFinder(driver, defaultDevice: configuration.device)
        let limit = CaptureLimit(perSecond: configuration.snapsPerSecond)
        return Capability(
            name: name,
            handlers: [
                Handler(CameraList(driver: driver)),
                Handler(CameraSnap(finder: finder, encoder: encoder, limit: limit)),
                Handler(CameraClip(finder: finder, recorder: recorder, limit: limit)),
                Handler(CameraPTZStatus(driver: driver, defaultDevice: configuration.device)),
                Handler(CameraPTZControl(driver: driver, defaultDevice: configuration.device)),
            ],
            conditions: { await conditions(of: driver) })
    }

    private static func conditions(of driver: any CameraDriver) async -> [Condition] {
        do throws(CameraError) {
            guard try await driver.cameras().isEmpty else { return [] }
            return [Condition(id: "camera-none", severity: .note, summary: "No camera is plugged in")]
        } catch {
            return [condition(error)]
        }
    }

    private static func condition(_ error: CameraError) -> Condition {
        guard case .permission(let path, let group, let user) = error else {
            return Condition(id: "camera-failed", severity: .warning, summary: error.refusal.message)
        }
        return Condition(
            id: "camera-permission", severity: .error, summary: "No permission to open \(path)",
            remedy: "sudo usermod -aG \(group) \(user)")
    }
}
