import LinuxIO

/// Which camera a request means, as its params say it.
struct CameraSelection: Decodable, Equatable, Sendable {
    /// Selects among the cameras of which it is known; nil for what is no position.
    let facing: CameraPosition?
    let deviceId: CameraInfo.ID?

    private enum CodingKeys: CodingKey {
        case facing, deviceId
    }

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        facing = try values.decodeIfPresent(String.self, forKey: .facing).flatMap(CameraPosition.init)
        let device = try values.decodeIfPresent(String.self, forKey: .deviceId)
        deviceId = device.flatMap { $0.isEmpty ? nil : $0 }
    }
}

/// Finds the cameras that requests mean.
struct CameraFinder: Sendable {
    let driver: any CameraDriver
    /// For requests that name no camera; nil for the driver's own choice.
    let defaultDevice: CameraInfo.ID?
    private let opening = Turn()

    init(_ driver: any CameraDriver, defaultDevice: CameraInfo.ID?) {
        self.driver = driver
        self.defaultDevice = defaultDevice
    }

    /// Those who ask at the same time find their cameras one after the other: finding takes what time it likes, and whoever came
    /// first is to be the first whom the camera serves.
    func camera(_ selection: CameraSelection) async throws -> any Camera {
        try await opening.take()
        defer { opening.leave() }
        return try await driver.open(await device(selection))
    }

    /// Agents always say where the camera looks; most machines do not know that of theirs.
    private func device(_ selection: CameraSelection) async -> CameraInfo.ID? {
        if let id = selection.deviceId { return id }
        if let facing = selection.facing, let id = await driver.camera(at: facing) { return id }
        return defaultDevice
    }
}
