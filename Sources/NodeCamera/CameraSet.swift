/// Several drivers as one. The default camera is the first one's that has any.
package struct CameraSet: CameraDriver {
    private let drivers: [any CameraDriver]

    package init(_ drivers: [any CameraDriver]) {
        self.drivers = drivers
    }

    /// What one driver cannot list does not hide what the others can.
    package func cameras() async throws(CameraError) -> [CameraInfo] {
        var all: [CameraInfo] = []
        var failure: CameraError?
        for driver in drivers {
            do throws(CameraError) { all += try await driver.cameras() } catch { failure = failure ?? error }
        }
        if all.isEmpty, let failure { throw failure }
        return all
    }

    package func open(_ id: CameraInfo.ID?) async throws(CameraError) -> any Camera {
        try await first(id) { driver throws(CameraError) in try await driver.open(id) }
    }

    package func open(
        _ id: CameraInfo.ID?, among names: [CameraInfo.ID]
    ) async throws(CameraError) -> (camera: any Camera, names: [CameraInfo.ID]) {
        try await first(id) { driver throws(CameraError) in try await driver.open(id, among: names) }
    }

    package func identify(_ name: CameraInfo.ID?) async throws(CameraError) -> CameraInfo.ID {
        try await first(name) { driver throws(CameraError) in try await driver.identify(name) }
    }

    package func camera(at position: CameraPosition) async -> CameraInfo.ID? {
        for driver in drivers {
            if let id = await driver.camera(at: position) { return id }
        }
        return nil
    }

    /// What the first driver says that knows the camera of that id.
    private func first<R>(
        _ id: CameraInfo.ID?, _ ask: (any CameraDriver) async throws(CameraError) -> R
    ) async throws(CameraError) -> R {
        var known: [CameraInfo.ID] = []
        var failure: CameraError?
        for driver in drivers {
            do throws(CameraError) { return try await ask(driver) } catch {
                switch error {
                case .notFound(_, let ids): known += ids
                case .noCamera: break
                // The first driver that knows the camera but cannot open it has the last word on it; for the default camera
                // the next may have one.
                case _ where id != nil: throw error
                default: failure = failure ?? error
                }
            }
        }
        if let failure { throw failure }
        if let id { throw .notFound(id, known: known) }
        throw .noCamera
    }
}
