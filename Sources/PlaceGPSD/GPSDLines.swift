/// What gpsd says, cut into lines wherever its pieces end.
struct GPSDLines {
    /// Its own are at most some ten thousand bytes (GPS_JSON_RESPONSE_MAX).
    static let limit = 64 << 10

    private var rest: [UInt8] = []

    /// The lines that `piece` completes, without their ends; nil for one that is too long to be gpsd's.
    mutating func take(_ piece: [UInt8]) -> [[UInt8]]? {
        var lines: [[UInt8]] = []
        for part in piece.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
            if part.offset > 0 {
                lines.append(rest)
                rest = []
            }
            rest += part.element
            if rest.count > Self.limit { return nil }
        }
        return lines
    }
}
