import NodeMedia

/// One way to reach cameras.
package protocol CameraDriver: Sendable {
    /// The cameras there are now. Waits for none that is taking pictures.
    func cameras() async throws(CameraError) -> [CameraInfo]

    /// The camera of that id, or of any name for it that the driver knows; the default one for nil. Opens no device yet.
    func open(_ id: CameraInfo.ID?) async throws(CameraError) -> any Camera

    /// The same, and which of `names` that camera answers to as well: for the price of one search.
    func open(
        _ id: CameraInfo.ID?, among names: [CameraInfo.ID]
    ) async throws(CameraError) -> (camera: any Camera, names: [CameraInfo.ID])

    /// The id of the camera that `open` would give for that name.
    func identify(_ name: CameraInfo.ID?) async throws(CameraError) -> CameraInfo.ID

    /// The camera that is known to look there.
    func camera(at position: CameraPosition) async -> CameraInfo.ID?
}

extension CameraDriver {
    /// For drivers whose cameras have one name each.
    package func open(
        _ name: CameraInfo.ID?, among names: [CameraInfo.ID]
    ) async throws(CameraError) -> (camera: any Camera, names: [CameraInfo.ID]) {
        let id = try await identify(name)
        return (try await open(id), names.filter { $0 == id })
    }

    /// For drivers whose cameras have one name each.
    package func identify(_ name: CameraInfo.ID?) async throws(CameraError) -> CameraInfo.ID {
        let ids = try await cameras().map(\.id)
        guard let name else {
            guard let first = ids.first else { throw .noCamera }
            return first
        }
        guard ids.contains(name) else { throw .notFound(name, known: ids) }
        return name
    }

    /// For drivers that do not know where their cameras look.
    package func camera(at position: CameraPosition) async -> CameraInfo.ID? { nil }
}

/// One camera: it takes one picture after the other, in the order they were asked for, and films beside that.
package protocol Camera: Sendable {
    /// Cancelling ends the wait at once with `CameraError.cancelled`.
    func still(_ request: StillRequest) async throws(CameraError) -> Image

    /// Films for as long as `body` runs, which is told what the frames are like. Several may film at once, and take pictures
    /// meanwhile.
    func film<R: Sendable>(
        _ request: FilmRequest, _ body: @Sendable (ClipPlan.Video, FrameSequence) async throws -> R
    ) async throws -> R

    /// Where it points and how far it goes.
    func pointing() async throws(CameraError) -> Pointing

    /// The values are in the axes' units and ranges. `CameraError.pointedPartly` when only some were reached.
    func point(to targets: [Pointing.Direction: Double]) async throws(CameraError)

    /// To where it points by itself.
    func pointHome() async throws(CameraError)
}

/// For cameras that do not move.
extension Camera {
    package func pointing() async throws(CameraError) -> Pointing { throw .pointingUnsupported }
    package func point(to targets: [Pointing.Direction: Double]) async throws(CameraError) {
        throw .pointingUnsupported
    }
    package func pointHome() async throws(CameraError) { throw .pointingUnsupported }
}

/// What moving pictures must be.
package struct FilmRequest: Equatable, Sendable {
    /// What all cameras are filmed at, or as near to it as they come: enough to read a sign by, and a minute of it fits.
    package static let width = 1_280
    package static let height = 720
    package static let framesPerSecond = 30.0

    /// What a camera that encodes by itself may send, where that can be told it.
    package let bitsPerSecond: Int

    package init(bitsPerSecond: Int) {
        self.bitsPerSecond = bitsPerSecond
    }
}

/// What a picture must be.
package struct StillRequest: Equatable, Sendable {
    /// What the camera gets before the picture, so that its exposure is right.
    package enum WarmUp: Equatable, Sendable {
        /// As little as it takes, see `Settling`; a camera that has settled needs none.
        case untilSettled
        /// This long since the camera streams and since the request, not less and not much more.
        case exactly(Duration)
    }

    /// The picture may be wider, where the camera has no smaller size that covers this.
    package var maxWidth: Int
    package let warmUp: WarmUp
    /// No frame stamped before this is good enough.
    package let askedAt: MonotonicTime

    package init(maxWidth: Int, warmUp: WarmUp, askedAt: MonotonicTime = .now) {
        self.maxWidth = maxWidth
        self.warmUp = warmUp
        self.askedAt = askedAt
    }
}
