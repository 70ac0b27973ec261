import NodeCore

/// `camera.ptz.control`: points a camera, and tells where it points then (node-commands §4.4).
struct CameraPTZControl: Command {
    static let name: CommandName = "camera.ptz.control"
    static let summary =
        "Points a camera. Takes `deviceId`, and `operation`: `set` with a `target` or `move` with a `delta`, both of "
        + "`panDegrees`, `tiltDegrees` and `zoomPercent`, or `home`."

    struct Output: Encodable, Sendable {
        let pointing: Pointing
        let adjusted: [String: Double]

        private enum CodingKeys: CodingKey {
            case adjusted
        }

        func encode(to encoder: any Encoder) throws {
            try pointing.encode(to: encoder)
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(adjusted, forKey: .adjusted)
        }
    }

    let driver: any CameraDriver
    let defaultDevice: CameraInfo.ID?

    func run(_ params: CameraPTZControlParams, in context: InvocationContext) async throws -> Output {
        let id = params.deviceId ?? defaultDevice
        let camera = try await driver.open(id)
        let pointing = try await camera.pointing()
        if case .home = params.operation {
            try await camera.pointHome()
            return Output(pointing: try await camera.pointing(), adjusted: [:])
        }
        let plan = try PointingPlan(params.operation, from: pointing, camera: id ?? "the camera")
        try await camera.point(to: plan.targets)
        return Output(pointing: try await camera.pointing(), adjusted: plan.adjusted)
    }
}
