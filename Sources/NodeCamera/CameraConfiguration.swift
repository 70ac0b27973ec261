/// The `camera` part of the configuration: read once, never changed.
package struct CameraConfiguration: Decodable, Equatable, Sendable {
    /// Offer the drawn test camera beside the real ones.
    package let pattern: Bool
    /// How long a camera keeps streaming after a picture, so that the next one is there at once; its lamp is on for as long.
    package let keepWarm: Duration
    /// The camera to use when nobody says which; nil for the first one found.
    package let device: CameraInfo.ID?

    package init(pattern: Bool = false, keepWarm: Duration = .seconds(5), device: CameraInfo.ID? = nil) {
        self.pattern = pattern
        self.keepWarm = keepWarm
        self.device = device
    }

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case pattern, keepWarmSeconds, device
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        let standard = CameraConfiguration()
        pattern = try values.decodeIfPresent(Bool.self, forKey: .pattern) ?? standard.pattern
        device = try values.decodeIfPresent(String.self, forKey: .device)
        let seconds = try values.decodeIfPresent(Double.self, forKey: .keepWarmSeconds)
        if let seconds, !(0...3_600).contains(seconds) {
            throw DecodingError.dataCorruptedError(
                forKey: .keepWarmSeconds, in: values, debugDescription: "must be from 0 to 3600")
        }
        keepWarm = seconds.map { .seconds($0) } ?? standard.keepWarm
        if let device, device.isEmpty {
            throw DecodingError.dataCorruptedError(
                forKey: .device, in: values, debugDescription: "must name a camera, or be left out")
        }
    }
}
