import NodeCore

/// The `camera` part of the configuration: read once, never changed.
package struct CameraConfiguration: Equatable, Sendable {
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

    package init(_ section: inout ConfigurationSection) throws(ConfigurationError) {
        let standard = CameraConfiguration()
        self.init(
            pattern: try section.bool("pattern") ?? standard.pattern,
            keepWarm: try section.number("keepWarmSeconds", in: 0...3_600).map { .seconds($0) } ?? standard.keepWarm,
            device: try section.string("device"))
    }
}
