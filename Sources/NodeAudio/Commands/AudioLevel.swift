import NodeCore
import NodeMedia

/// `audio.level`: how loud it is; no sound leaves the machine (node-commands §8.3).
struct AudioLevel: Command {
    static let name: CommandName = "audio.level"
    static let summary =
        "How loud it is: mean and peak in decibels below full scale. No sound leaves the machine. Takes `deviceId`; "
        + "`durationMs` (1000)."

    struct Params: Decodable, Sendable {
        let source: SourceParams

        init(from decoder: any Decoder) throws {
            source = try SourceParams(from: decoder, usually: .seconds(1))
        }
    }

    struct Output: Encodable, Sendable {
        let rmsDb: Double
        let peakDb: Double
    }

    let microphone: any Microphone

    func run(_ params: Params, in context: InvocationContext) async throws -> Output {
        try params.source.check(context)
        let take = Take(duration: params.source.duration)
        return try await microphone.record(
            from: params.source.deviceId, as: SoundFormat(sampleRate: 48_000, channels: 1)
        ) { stream in
            let meter = SoundMeter()
            try await take.run(stream) { meter.hear($0.samples) }
            return Output(rmsDb: SoundMeter.decibels(meter.rms), peakDb: SoundMeter.decibels(meter.peak))
        }
    }
}
