import NodeMedia

/// What `camera.snap` takes (node-commands §4.2): numbers out of range move to the nearest bound, a wrong type is an error.
struct CameraSnapParams: Decodable, Equatable, Sendable {
    let camera: CameraSelection
    let picture: PictureParams
    /// As it was spelt: the reply has the same.
    let format: String
    /// Nil when nothing was said: as long as the camera needs.
    let delay: Duration?

    private enum CodingKeys: String, CodingKey {
        case format, delayMs
    }

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        camera = try CameraSelection(from: decoder)
        picture = try PictureParams(from: decoder, usualWidth: 1_600, usualQuality: 0.9)
        delay = Self.delay(try values.decodeIfPresent(Double.self, forKey: .delayMs))
        format = try values.decodeIfPresent(String.self, forKey: .format) ?? "jpg"
        guard format == "jpg" || format == "jpeg" else {
            throw DecodingError.dataCorruptedError(
                forKey: .format, in: values, debugDescription: "must be jpg or jpeg")
        }
    }

    private static func delay(_ said: Double?) -> Duration? {
        said.map { .milliseconds(Int(min(max($0, 0), 10_000))) }
    }
}
