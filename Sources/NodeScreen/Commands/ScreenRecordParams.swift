import NodeCore

/// What `screen.record` takes (node-commands §5.1): numbers out of range move to the nearest bound, but there is no nearest screen; a
/// wrong type is an error.
struct ScreenRecordParams: Decodable, Equatable, Sendable {
    let screenIndex: Int
    let duration: Duration
    let fps: Double
    let includeAudio: Bool
    let format: String

    private enum CodingKeys: String, CodingKey {
        case screenIndex, durationMs, fps, includeAudio, format
    }

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        screenIndex = try values.integerIfPresent(forKey: .screenIndex) ?? 0
        let milliseconds = try values.decodeIfPresent(Double.self, forKey: .durationMs) ?? 10_000
        duration = .milliseconds(Int(min(max(milliseconds, 250), 60_000)))
        fps = min(max(try values.decodeIfPresent(Double.self, forKey: .fps) ?? 10, 1), 30)
        includeAudio = try values.decodeIfPresent(Bool.self, forKey: .includeAudio) ?? true
        format = try values.decodeIfPresent(String.self, forKey: .format) ?? "mp4"
        guard format == "mp4" else {
            throw DecodingError.dataCorruptedError(
                forKey: .format, in: values, debugDescription: "screen format must be mp4")
        }
    }
}
