import NodeCore

/// What is recorded for how long: what all who record take. Numbers out of range move to the nearest bound, a wrong type is an error.
struct SourceParams: Equatable, Sendable {
    let deviceId: SoundSource.ID?
    let duration: Duration

    private enum CodingKeys: String, CodingKey {
        case deviceId, durationMs
    }

    init(from decoder: any Decoder, usually: Duration) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        let device = try values.decodeIfPresent(String.self, forKey: .deviceId)
        deviceId = device.flatMap { $0.isEmpty ? nil : $0 }
        let said = try values.decodeIfPresent(Double.self, forKey: .durationMs)
        duration = said.map { .milliseconds(Int(min(max($0, 250), 60_000))) } ?? usually
    }

    /// To open a device and to finish a file.
    private static let moment = Duration.milliseconds(200)

    /// What cannot be done before nobody waits for it any more is not begun.
    func check(_ context: InvocationContext) throws(Refusal) {
        try context.expect("recording \(Int(duration / .milliseconds(1))) ms", toTake: duration + Self.moment)
    }
}
