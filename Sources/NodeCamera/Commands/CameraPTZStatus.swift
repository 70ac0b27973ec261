import NodeCore

/// `camera.ptz.status`: where a camera points and how far it goes (node-commands §4.4).
struct CameraPTZStatus: Command {
    static let name: CommandName = "camera.ptz.status"
    static let summary =
        "Where a camera points: pan and tilt in degrees, zoom in percent, with their bounds. Takes `deviceId`."

    struct Params: Decodable, Sendable {
        let deviceId: CameraInfo.ID?
    }

    let driver: any CameraDriver
    let defaultDevice: CameraInfo.ID?

    func run(_ params: Params, in context: InvocationContext) async throws -> Pointing {
        let id = params.deviceId.flatMap { $0.isEmpty ? nil : $0 } ?? defaultDevice
        return try await driver.open(id).pointing()
    }
}
