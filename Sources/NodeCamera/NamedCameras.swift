import NodeMedia

/// The cameras of a driver as their owner has named, placed and turned them.
package struct NamedCameras: CameraDriver {
    private let driver: any CameraDriver
    private let placements: [CameraPlacement]

    package init(_ driver: any CameraDriver, _ placements: [CameraPlacement]) {
        self.driver = driver
        self.placements = placements
    }

    package func cameras() async throws(CameraError) -> [CameraInfo] {
        var all = try await driver.cameras()
        for placement in placements {
            // A name for what is not plugged in names nothing.
            guard let id = try? await driver.identify(placement.device),
                let index = all.firstIndex(where: { $0.id == id })
            else { continue }
            all[index].alias = placement.alias
            all[index].position = placement.position ?? all[index].position
        }
        return all
    }

    package func identify(_ name: CameraInfo.ID?) async throws(CameraError) -> CameraInfo.ID {
        try await withAliases { () throws(CameraError) in
            try await driver.identify(placement(named: name)?.device ?? name)
        }
    }

    package func camera(at position: CameraPosition) async -> CameraInfo.ID? {
        if let placement = placements.first(where: { $0.position == position }) { return placement.alias }
        return await driver.camera(at: position)
    }

    package func open(_ name: CameraInfo.ID?) async throws(CameraError) -> any Camera {
        try await withAliases { () throws(CameraError) in try await opened(name) }
    }

    private func opened(_ name: CameraInfo.ID?) async throws(CameraError) -> any Camera {
        if placements.isEmpty { return try await driver.open(name) }
        if let placement = placement(named: name) {
            return turned(try await driver.open(placement.device), placement.orientation)
        }
        let found = try await driver.open(name, among: placements.map(\.device))
        let placement = placements.first { found.names.contains($0.device) }
        return turned(found.camera, placement?.orientation ?? .upright)
    }

    /// Who has named what is not there is told these names too.
    private func withAliases<R>(_ body: () async throws(CameraError) -> R) async throws(CameraError) -> R {
        do throws(CameraError) { return try await body() } catch {
            guard case .notFound(let name, let known) = error, !placements.isEmpty else { throw error }
            // What cannot be listed adds nothing.
            let aliases = ((try? await cameras()) ?? []).compactMap(\.alias)
            throw .notFound(name, known: known + aliases)
        }
    }

    private func placement(named name: CameraInfo.ID?) -> CameraPlacement? {
        placements.first { $0.alias == name }
    }

    private func turned(_ camera: any Camera, _ orientation: Orientation) -> any Camera {
        orientation == .upright ? camera : TurnedCamera(camera: camera, orientation: orientation)
    }
}

/// A camera that hangs askew.
private struct TurnedCamera: Camera {
    let camera: any Camera
    let orientation: Orientation

    func still(_ request: StillRequest) async throws(CameraError) -> Image {
        var request = request
        // What is asked for as width is the sensor's height then, and no sensor is flatter than 16:9 by much.
        if orientation.swapsSides { request.maxWidth = request.maxWidth * 16 / 9 }
        var image = try await camera.still(request)
        image.orientation = orientation
        return image
    }

    func film<R: Sendable>(
        _ request: FilmRequest, _ body: @Sendable (ClipPlan.Video, FrameSequence) async throws -> R
    ) async throws -> R {
        try await camera.film(request) { video, frames in
            var video = video
            video.orientation = orientation
            return try await body(video, frames)
        }
    }

    func pointing() async throws(CameraError) -> Pointing { try await camera.pointing() }

    func point(to targets: [Pointing.Direction: Double]) async throws(CameraError) {
        try await camera.point(to: targets)
    }

    func pointHome() async throws(CameraError) { try await camera.pointHome() }
}
