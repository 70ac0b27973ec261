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

    let finder: CameraFinder
    let encoder: any ImageEncoder
    let limit: CaptureLimit

    func run(_ params: CameraSnapParams, in context: InvocationContext) async throws -> Output {
        try limit.admit(at: context.timekeeper.now)
        let picture = params.picture
        let request = StillRequest(
            maxWidth: picture.maxWidth, warmUp: params.delay.map { .exactly($0) } ?? .untilSettled)
        let camera = try await finder.camera(params.camera)
        let image = try await camera.still(request)
        let limit = ByteBudget(payloadLimit: context.payloadLimit).limit
        let encoding = await onOwnThread("jpeg") { () -> Result<EncodedImage, MediaError> in
            do throws(MediaError) {
                return .success(
                    try encoder.jpeg(image, maxWidth: picture.maxWidth, quality: picture.quality, byteLimit: limit))
            } catch { return .failure(error) }
        }
        let jpeg = try encoding.get()
        return Output(
            format: params.format, width: jpeg.width, height: jpeg.height,
            blob: Blob(file: jpeg.file, field: "base64"))
    }
}
