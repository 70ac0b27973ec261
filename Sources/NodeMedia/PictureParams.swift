/// What a picture may be, of a camera or of a screen (node-commands §4.2, §5.2).
package struct PictureParams: Equatable, Sendable {
    package let maxWidth: Int
    /// 0.05 to 1.
    package let quality: Double

    private enum CodingKeys: CodingKey {
        case maxWidth, quality
    }

    /// Numbers out of range move to the nearest bound; where nothing was said, and for a picture without any width, the usual ones.
    /// Throws `DecodingError` for a wrong type.
    package init(from decoder: any Decoder, usualWidth: Int, usualQuality: Double) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        let width = try values.decodeIfPresent(Double.self, forKey: .maxWidth) ?? 0
        maxWidth = width > 0 ? Int(min(max(width, 1), 65_535)) : usualWidth
        let quality = try values.decodeIfPresent(Double.self, forKey: .quality) ?? usualQuality
        // Some senders give percent: what is above 1 cannot be anything else.
        self.quality = min(max(quality > 1 ? quality / 100 : quality, 0.05), 1)
    }
}
