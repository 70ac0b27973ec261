import NodeCore
import NodeMedia

/// What `screen.snapshot` takes (node-commands §5.2): numbers out of range move to the nearest bound, but there is no nearest screen; a
/// wrong type is an error.
struct ScreenSnapshotParams: Decodable, Equatable, Sendable {
    enum Format: String, Encodable, Sendable {
        case jpeg, png
    }

    let screenIndex: Int
    let picture: PictureParams
    let format: Format

    private enum CodingKeys: String, CodingKey {
        case screenIndex, format
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
        picture = try PictureParams(from: decoder, usualWidth: format == .png ? 900 : 1_600, usualQuality: 0.72)
    }
}
