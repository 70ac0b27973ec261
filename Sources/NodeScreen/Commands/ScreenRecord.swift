import NodeCore
import NodeMedia

/// `screen.record`: what a screen shows, as moving pictures, with what the machine plays meanwhile (node-commands §5.1).
///
/// A recording is whole or refused: of a screen that goes, or gets another size, nothing is left. Sound is the exception, see
/// `ClipRecorder`.
struct ScreenRecord: Command {
    static let name: CommandName = "screen.record"
    static let summary =
        "Moving pictures of a screen, as MP4 with H.264. Takes `screenIndex` (0), which `screen.list` explains; `durationMs` from 250 to "
        + "60000 (10000); `fps` from 1 to 30 (10); `includeAudio` (true): what the machine plays, where `microphone` is on; `format` "
        + "(`mp4`)."

    struct Output: Encodable, Sendable, HasBlob {
        let format: String
        /// What was asked for, within its range.
        let durationMs: Int
        let fps: Double
        let screenIndex: Int
        /// Whether there is a track of sound.
        let hasAudio: Bool
        let blob: Blob?

        enum CodingKeys: CodingKey {
            case format, durationMs, fps, screenIndex, hasAudio
        }
    }

    let screens: ScreenSet
    let converter: any PictureConverter
    let recorder: ClipRecorder

    /// Of the longer side: letters of usual size can still be read, and a minute of it fits.
    private static let longest = 1_920

    func run(_ params: ScreenRecordParams, in context: InvocationContext) async throws -> Output {
        try recorder.admit("a recording", lasting: params.duration, context)
        let shown = try await screens.shown()
        let output = try shown.output(params.screenIndex)
        let screen = try await shown.session.open(output)
        let size = Self.size(of: output)
        let video = ClipPlan.Video(
            format: .yuv420, width: size.width, height: size.height, framesPerSecond: params.fps)
        let pictures = ScreenPictures(
            screen, converter, video, for: params.duration, timekeeper: context.timekeeper)
        let clip = try await recorder.record(
            params.duration, of: video, pictures, isSoundWanted: params.includeAudio, context)
        return Output(
            format: params.format, durationMs: Int(params.duration / .milliseconds(1)), fps: params.fps,
            screenIndex: params.screenIndex, hasAudio: clip.hasSound, blob: Blob(file: clip.file, field: "base64"))
    }

    /// Even, as encoders want it.
    static func size(of output: ScreenOutput) -> (width: Int, height: Int) {
        let longer = max(output.width, output.height)
        func side(_ length: Int) -> Int {
            max(2, (longer > longest ? length * longest / longer : length) & ~1)
        }
        return (side(output.width), side(output.height))
    }
}
