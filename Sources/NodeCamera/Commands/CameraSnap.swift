import LinuxIO
import NodeCore
import NodeMedia

/// `camera.snap`: one photo, never older than the request (node-commands §4.2).
struct CameraSnap: Command {
    static let name: CommandName = "camera.snap"
    static let summary =
        "A picture, as JPEG. Takes `deviceId`, or `facing` (`front` or `back`) for cameras that have been placed; `maxWidth` (1600); "
        + "`quality` from 0.05 to 1 (0.9); `delayMs` up to 10000, instead of as long as the camera needs; `format` (`jpg`)."

    struct Output: Encodable, Sendable, HasBlob {
        let format: String
        let width: Int
        let height: Int
        let blob: Blob?

        enum CodingKeys: CodingKey {
            case format, width, height
        }
    }

    let driver: any CameraDriver
    let encoder: any ImageEncoder
    /// For requests that name no camera; nil for the driver's own choice.
    let defaultDevice: CameraInfo.ID?
    let limit: CaptureLimit
    private let opening = Turn()

    func run(_ params: CameraSnapParams, in context: InvocationContext) async throws -> Output {
        try limit.admit(at: context.timekeeper.now)
        let request = StillRequest(
            maxWidth: params.maxWidth, warmUp: params.delay.map { .exactly($0) } ?? .untilSettled)
        let camera = try await camera(params)
        let image = try await camera.still(request)
        let limit = ByteBudget(payloadLimit: context.payloadLimit).limit
        let encoding = await onOwnThread("jpeg") { () -> Result<EncodedImage, MediaError> in
            do throws(MediaError) {
                return .success(
                    try encoder.jpeg(image, maxWidth: params.maxWidth, quality: params.quality, byteLimit: limit))
            } catch { return .failure(error) }
        }
        let jpeg = try encoding.get()
        return Output(
            format: params.format, width: jpeg.width, height: jpeg.height,
            blob: Blob(file: jpeg.file, field: "base64"))
    }

    /// Those who ask at the same time find their cameras one after the other: finding takes what time it likes, and whoever came
    /// first is to be the first whom the camera serves.
    private func camera(_ params: CameraSnapParams) async throws -> any Camera {
        try await opening.take()
        defer { opening.leave() }
        return try await driver.open(await device(params))
    }

    /// Agents always say where the camera looks; most machines do not know that of theirs.
    private func device(_ params: CameraSnapParams) async -> CameraInfo.ID? {
        if let id = params.deviceId { return id }
        if let facing = params.facing, let id = await driver.camera(at: facing) { return id }
        return defaultDevice
    }
}
