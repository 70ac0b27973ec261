import LinuxIO
import NodeCore
import NodeMedia

/// `screen.snapshot`: what a screen shows now, with the pointer (node-commands §5.2).
struct ScreenSnapshot: Command {
    static let name: CommandName = "screen.snapshot"
    static let summary =
        "A picture of a screen, as JPEG or PNG. Takes `screenIndex` (0), which `screen.list` explains; `maxWidth` (1600, of PNG 900); "
        + "`quality` from 0.05 to 1 (0.72), of JPEG; `format` (`jpeg` or `png`)."

    struct Output: Encodable, Sendable, HasBlob {
        let format: ScreenSnapshotParams.Format
        let displayFrameId: String
        let screenIndex: Int
        /// Of the picture.
        let width: Int
        let height: Int
        /// Of the screen.
        let displayWidth: Int
        let displayHeight: Int
        let screens: [ListedScreen]
        /// Since 1970.
        let capturedAtMs: Int
        let blob: Blob?

        enum CodingKeys: CodingKey {
            case format, displayFrameId, screenIndex, width, height, displayWidth, displayHeight, screens, capturedAtMs
        }
    }

    let screen: WarmScreen
    let jpegEncoder: any ImageEncoder
    let pngEncoder: any PNGEncoder
    let frames: FrameTable

    func run(_ params: ScreenSnapshotParams, in context: InvocationContext) async throws -> Output {
        let sight = try await screen.look(at: params.screenIndex)
        let (image, output, screens) = (sight.image, sight.output, sight.shown.listed)
        let capturedAtMs = WallClock.milliseconds
        // The list of the screens stands beside the picture.
        let budget = ByteBudget(payloadLimit: context.payloadLimit, envelope: 512 + 128 * screens.count)
        let encoded = await onOwnThread("picture") { () -> Result<EncodedImage, MediaError> in
            do throws(MediaError) { return .success(try encode(image, params, budget.limit)) } catch {
                return .failure(error)
            }
        }
        let picture = try encoded.get()
        return Output(
            format: params.format, displayFrameId: frames.enter(output, at: image.capturedAt),
            screenIndex: params.screenIndex, width: picture.width, height: picture.height, displayWidth: output.width,
            displayHeight: output.height, screens: screens, capturedAtMs: capturedAtMs,
            blob: Blob(file: picture.file, field: "base64"))
    }

    private func encode(
        _ image: Image, _ params: ScreenSnapshotParams, _ limit: Int
    ) throws(MediaError) -> EncodedImage {
        let picture = params.picture
        return switch params.format {
        case .jpeg:
            try jpegEncoder.jpeg(image, maxWidth: picture.maxWidth, quality: picture.quality, byteLimit: limit)
        case .png: try pngEncoder.png(image, maxWidth: picture.maxWidth, byteLimit: limit)
        }
    }
}
