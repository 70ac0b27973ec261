import NodeCore
import NodeMedia

/// `camera.clip`: moving pictures, with sound where there is any (node-commands §4.3).
///
/// A clip is whole or refused: a camera that goes, or an encoder that ends early, leaves nothing behind. Sound is the exception, see
/// `ClipRecorder`.
struct CameraClip: Command {
    static let name: CommandName = "camera.clip"
    static let summary =
        "Moving pictures, as MP4 with H.264. Takes `deviceId` or `facing` as `camera.snap` does; `durationMs` from 250 to 60000 (3000); "
        + "`includeAudio` (true), which without a microphone gives a clip without sound; `format` (`mp4`)."

    struct Output: Encodable, Sendable, HasBlob {
        let format: String
        /// What was asked for, within its range.
        let durationMs: Int
        /// Whether there is a track of sound.
        let hasAudio: Bool
        let blob: Blob?

        enum CodingKeys: CodingKey {
            case format, durationMs, hasAudio
        }
    }

    let finder: CameraFinder
    let recorder: ClipRecorder
    let limit: CaptureLimit

    func run(_ params: CameraClipParams, in context: InvocationContext) async throws -> Output {
        try limit.admit(at: context.timekeeper.now)
        try recorder.admit("a clip", lasting: params.duration, context)
        let camera = try await finder.camera(params.camera)
        let request = FilmRequest(
            bitsPerSecond: Self.bitsPerSecond(of: ClipRecorder.limit(context), during: params.duration))
        let clip = try await camera.film(request) { video, frames in
            try await recorder.record(
                params.duration, of: video, frames, isSoundWanted: params.includeAudio, context)
        }
        return Output(
            format: params.format, durationMs: Int(params.duration / .milliseconds(1)), hasAudio: clip.hasSound,
            blob: Blob(file: clip.file, field: "base64"))
    }

    /// What of `limit` bytes is left for the pictures, and never more than they need.
    private static func bitsPerSecond(of limit: Int, during duration: Duration) -> Int {
        let all = Double(limit) * 8 / (duration / .seconds(1))
        // The file's own structure and the sound take their part, and no camera keeps to what it was told.
        return Int(min(max(all * 0.85 - 128_000, 100_000), 4_000_000))
    }
}
