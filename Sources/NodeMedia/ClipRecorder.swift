import LinuxIO
import NodeCore

/// Makes clips of what a device shows, with sound where there is any.
///
/// Sound is not what was asked for: without a microphone that opens there is none (`EncodedClip.hasSound`), and one that goes while the
/// clip is recorded leaves the rest of it silent.
package struct ClipRecorder: Sendable {
    private let encoder: any ClipEncoder
    private let microphone: any Microphone

    /// How long a clip waits for its microphone and the first that is heard.
    package static let microphonePatience = Duration.seconds(2)
    /// What it takes beside the clip's own time, at most: a microphone that somebody else just lets go of, or that says nothing at all, the
    /// device's and the encoder's start, its end and the way to the gateway.
    private static let overhead = microphonePatience + ClipRecording.lag + .seconds(1)
    /// What voices need, and every source gives.
    private static let sound = SoundFormat(sampleRate: 48_000, channels: 1)

    package init(encoder: any ClipEncoder, microphone: any Microphone) {
        self.encoder = encoder
        self.microphone = microphone
    }

    /// How large a clip may be, in bytes of the file.
    package static func limit(_ context: InvocationContext) -> Int {
        ByteBudget(payloadLimit: context.payloadLimit, most: ByteBudget.clip).limit
    }

    /// Refuses, before any device is opened, what would come too late or could never be encoded. `what` begins the sentence.
    package func admit(_ what: String, lasting duration: Duration, _ context: InvocationContext) throws {
        let milliseconds = Int(duration / .milliseconds(1))
        try context.expect("\(what) of \(milliseconds) ms", toTake: duration + Self.overhead)
        try encoder.find()
    }

    /// Records so long, from the first picture's time on.
    package func record(
        _ duration: Duration, of video: ClipPlan.Video, _ pictures: any ClipPictures, isSoundWanted: Bool,
        _ context: InvocationContext
    ) async throws -> EncodedClip {
        let soundDeadline = context.timekeeper.now + Self.microphonePatience
        return try await withSound(isSoundWanted, context) { sound in
            var plan = ClipPlan(.mp4, video: video, duration: duration, limit: Self.limit(context))
            plan.sound = sound?.format
            let recording = ClipRecording(
                duration: duration, pictures: pictures, sound: sound,
                patience: soundDeadline - context.timekeeper.now, timekeeper: context.timekeeper, log: context.log)
            return try await encoder.encode(plan) { try await recording.run(into: $0) }
        }
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
