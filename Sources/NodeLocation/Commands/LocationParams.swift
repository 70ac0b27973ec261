/// What `location.get` takes (node-commands §7): numbers out of range move to the nearest bound, a wrong type is an error.
struct LocationParams: Decodable, Equatable, Sendable {
    let accuracy: DesiredAccuracy
    let timeout: Duration
    /// Nil: only where it is now.
    let maxAge: Duration?

    private enum CodingKeys: String, CodingKey {
        case desiredAccuracy, timeoutMs, maxAgeMs
    }

    /// More than any machine runs.
    private static let century = 3.2e12

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        func milliseconds(_ key: CodingKeys, in range: ClosedRange<Double>) throws -> Duration? {
            let said = try values.decodeIfPresent(Double.self, forKey: key)
            return said.map { .milliseconds(Int(min(max($0, range.lowerBound), range.upperBound))) }
        }
        timeout = try milliseconds(.timeoutMs, in: 1_000...60_000) ?? .seconds(10)
        maxAge = try milliseconds(.maxAgeMs, in: 0...Self.century)
        let said = try values.decodeIfPresent(String.self, forKey: .desiredAccuracy) ?? "balanced"
        guard let accuracy = DesiredAccuracy(rawValue: said) else {
            throw DecodingError.dataCorruptedError(
                forKey: .desiredAccuracy, in: values,
                debugDescription: "must be one of \(DesiredAccuracy.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        self.accuracy = accuracy
    }
}
