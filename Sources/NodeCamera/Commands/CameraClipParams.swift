/// What `camera.clip` takes (node-commands §4.3): a duration out of range moves to the nearest bound, a wrong type is an error.
struct CameraClipParams: Decodable, Equatable, Sendable {
    let camera: CameraSelection
    let duration: Duration
    let includeAudio: Bool
    let format: String

    private enum CodingKeys: String, CodingKey {
        case durationMs, includeAudio, format
    }

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        camera = try CameraSelection(from: decoder)
        let said = try values.decodeIfPresent(Double.self, forKey: .durationMs) ?? 3_000
        duration = .milliseconds(Int(min(max(said, 250), 60_000)))
        includeAudio = try values.decodeIfPresent(Bool.self, forKey: .includeAudio) ?? true
        format = try values.decodeIfPresent(String.self, forKey: .format) ?? "mp4"
        guard format == "mp4" else {
            throw DecodingError.dataCorruptedError(forKey: .format, in: values, debugDescription: "must be mp4")
        }
    }
}
