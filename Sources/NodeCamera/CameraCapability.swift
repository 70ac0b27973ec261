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
            ])
    }
}
