import NodeCore

/// What `screen.snapshot` takes (node-commands §5.2): numbers out of range move to the nearest bound, but there is no nearest screen; a
/// wrong type is an error.
struct ScreenSnapshotParams: Decodable, Equatable, Sendable {
    enum Format: String, Encodable, Sendable {
        case jpeg, png
    }

    let screenIndex: Int
    let maxWidth: Int
    /// 0.05 to 1.
    let quality: Double
    let format: Format

    private enum CodingKeys: String, CodingKey {
        case screenIndex, maxWidth, quality, format
    }

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        screenIndex = try values.integerIfPresent(forKey: .screenIndex) ?? 0
        let said = try values.decodeIfPresent(String.self, forKey: .format) ?? "jpeg"
        guard let format = said == "jpg" ? .jpeg : Format(rawValue: said) else {
            throw DecodingError.dataCorruptedError(
                forKey: .format, in: values, debugDescription: "must be jpeg or png")
        }
        self.format = format
        let width = try values.decodeIfPresent(Double.self, forKey: .maxWidth) ?? (format == .png ? 900 : 1_600)
        maxWidth = Int(min(max(width, 1), 65_535))
        let quality = try values.decodeIfPresent(Double.self, forKey: .quality) ?? 0.72
        // Some senders give percent: what is above 1 cannot be anything else.
        self.quality = min(max(quality > 1 ? quality / 100 : quality, 0.05), 1)
    }
}
