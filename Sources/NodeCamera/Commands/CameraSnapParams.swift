/// What `camera.snap` takes (node-commands §4.2): numbers out of range move to the nearest bound, a wrong type is an error.
struct CameraSnapParams: Decodable, Equatable, Sendable {
    let camera: CameraSelection
    let maxWidth: Int
    /// 0.05 to 1.
    let quality: Double
    /// As it was spelt: the reply has the same.
    let format: String
    /// Nil when nothing was said: as long as the camera needs.
    let delay: Duration?

    private enum CodingKeys: String, CodingKey {
        case maxWidth, quality, format, delayMs
    }

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        camera = try CameraSelection(from: decoder)
        maxWidth = Self.width(try values.decodeIfPresent(Double.self, forKey: .maxWidth))
        quality = Self.quality(try values.decodeIfPresent(Double.self, forKey: .quality))
        delay = Self.delay(try values.decodeIfPresent(Double.self, forKey: .delayMs))
        format = try values.decodeIfPresent(String.self, forKey: .format) ?? "jpg"
        guard format == "jpg" || format == "jpeg" else {
            throw DecodingError.dataCorruptedError(
                forKey: .format, in: values, debugDescription: "must be jpg or jpeg")
        }
    }

    private static func width(_ said: Double?) -> Int {
        guard let said, said > 0 else { return 1_600 }
        return Int(min(max(said, 2), 65_535))
    }

    /// Some senders give percent: what is above 1 cannot be anything else.
    private static func quality(_ said: Double?) -> Double {
        guard let said else { return 0.9 }
        return min(max(said > 1 ? said / 100 : said, 0.05), 1)
    }

    private static func delay(_ said: Double?) -> Duration? {
        said.map { .milliseconds(Int(min(max($0, 0), 10_000))) }
    }
}
