import NodeCore

/// `camera.list`: the cameras of this machine (node-commands §4.1).
struct CameraList: Command {
    static let name: CommandName = "camera.list"
    static let summary = "The cameras, with ids that stay the same, their formats and their sizes."

    struct Output: Encodable, Sendable {
        let devices: [CameraInfo]
    }

    let driver: any CameraDriver

    func run(_ params: NoParams, in context: InvocationContext) async throws -> Output {
        Output(devices: try await driver.cameras())
    }
}
