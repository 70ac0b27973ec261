import NodeCore
import NodeMedia

/// `camera.clip`: moving pictures, with sound where there is any (node-commands §4.3).
///
/// A clip is whole or refused: a camera that goes, or an encoder that ends early, leaves nothing behind. Sound is the exception, because
/// it is not what was asked for: without a microphone that opens there is no sound (`hasAudio` says so), and one that goes while the
/// clip is recorded leaves the rest of it silent.
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
    let encoder: any ClipEncoder
    let microphone: any Microphone
    let limit: CaptureLimit

    /// What voices need, and every source gives.
    private static let sound = SoundFormat(sampleRate: 48_000, channels: 1)
    /// What it takes beside the clip's own time, at most: a microphone that somebody else just lets go of, the camera's and the encoder's
    /// start, its end and the way to the gateway.
    private static let overhead = CameraCapability.microphonePatience + .seconds(1)

    func run(_ params: CameraClipParams, in context: InvocationContext) async throws -> Output {
        try limit.admit(at: context.timekeeper.now)
        let milliseconds = Int(params.duration / .milliseconds(1))
        try context.expect("a clip of \(milliseconds) ms", toTake: params.duration + Self.overhead)
        try encoder.find()
        let camera = try await finder.camera(params.camera)
        let limit = ByteBudget(payloadLimit: context.payloadLimit, most: ByteBudget.clip).limit
        let request = FilmRequest(bitsPerSecond: Self.bitsPerSecond(of: limit, during: params.duration))
        let clip = try await camera.film(request) { video, frames in
            try await withSound(params.includeAudio, context) { sound in
                var plan = ClipPlan(.mp4, video: video, duration: params.duration, limit: limit)
                plan.sound = sound?.format
                let recording = ClipRecording(
                    duration: params.duration, frames: frames, sound: sound, timekeeper: context.timekeeper,
                    log: context.log)
                return try await encoder.encode(plan) { try await recording.run(into: $0) }
            }
        }
        return Output(
            format: params.format, durationMs: milliseconds, hasAudio: clip.hasSound,
            blob: Blob(file: clip.file, field: "base64"))
    }

    /// What of `limit` bytes is left for the pictures, and never more than they need.
    private static func bitsPerSecond(of limit: Int, during duration: Duration) -> Int {
        let all = Double(limit) * 8 / (duration / .seconds(1))
        // The file's own structure and the sound take their part, and no camera keeps to what it was told.
        return Int(min(max(all * 0.85 - 128_000, 100_000), 4_000_000))
    }

    /// Runs `body` once, with an open microphone if there is one to be had.
    private func withSound<R: Sendable>(
        _ isWanted: Bool, _ context: InvocationContext, _ body: @Sendable ((any SoundStream)?) async throws -> R
    ) async throws -> R {
        // The family of sound has it by this name; its owner's switch counts here too.
        guard isWanted, context.isOn("microphone") else { return try await body(nil) }
        let outcome: Result<R, any Error>
        do {
            outcome = try await microphone.record(from: nil, as: Self.sound) { stream in
                // Carried out as a result: what is thrown is then the microphone's.
                do { return .success(try await body(stream)) } catch { return .failure(error) }
            }
        } catch let error as SoundError {
            try Task.checkCancellation()
            context.log.info("Clip without sound", ["cause": error.refusal.message])
            return try await body(nil)
        }
        return try outcome.get()
    }
}
