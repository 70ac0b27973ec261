import NodeMedia

/// What `audio.record` takes (node-commands §8.3): numbers out of range move to the nearest bound, a wrong type is an error.
struct AudioRecordParams: Decodable, Equatable, Sendable {
    let source: SourceParams
    /// Nil when nothing was said: the smallest that this machine can make.
    let container: ClipPlan.Container?
    let format: SoundFormat

    private enum CodingKeys: String, CodingKey {
        case format, sampleRate, channels
    }

    private static let containers: [ClipPlan.Container] = [.ogg, .wav, .m4a, .flac]

    init(from decoder: any Decoder) throws {
        source = try SourceParams(from: decoder, usually: .seconds(5))
        let values = try decoder.container(keyedBy: CodingKeys.self)
        let rate = try values.decodeIfPresent(Double.self, forKey: .sampleRate) ?? 16_000
        let channels = try values.decodeIfPresent(Double.self, forKey: .channels) ?? 1
        format = SoundFormat(
            sampleRate: Int(min(max(rate, 8_000), 48_000)), channels: Int(min(max(channels, 1), 2)))
        let said = try values.decodeIfPresent(String.self, forKey: .format)
        container = said.flatMap { said in Self.containers.first { $0.rawValue == said } }
        guard said == nil || container != nil else {
            throw DecodingError.dataCorruptedError(
                forKey: .format, in: values,
                debugDescription: "must be one of \(Self.containers.map(\.rawValue).joined(separator: ", "))")
        }
    }
}
