import NodeCore

/// The `camera` part of the configuration: read once, never changed.
package struct CameraConfiguration: Equatable, Sendable {
    /// Offer the drawn test camera beside the real ones.
    package let pattern: Bool
    /// How long a camera keeps streaming after a picture, so that the next one is there at once; its lamp is on for as long.
    package let keepWarm: Duration
    /// The camera to use when nobody says which; nil for the first one found.
    package let device: CameraInfo.ID?
    package let snapsPerSecond: Double
    package let placements: [CameraPlacement]

    package init(
        pattern: Bool = false, keepWarm: Duration = .seconds(5), device: CameraInfo.ID? = nil,
        snapsPerSecond: Double = 4, placements: [CameraPlacement] = []
    ) {
        self.pattern = pattern
        self.keepWarm = keepWarm
        self.device = device
        self.snapsPerSecond = snapsPerSecond
        self.placements = placements
    }

    package init(_ section: inout ConfigurationSection) throws(ConfigurationError) {
        let standard = CameraConfiguration()
        func placed(_ aliases: inout ConfigurationSection) throws(ConfigurationError) -> [CameraPlacement] {
            var placements: [CameraPlacement] = []
            for alias in aliases.keys {
                // Requests that name a camera have to name it with something.
                if alias.allSatisfy(\.isWhitespace) { throw aliases.error("\"\(alias)\"", "an alias needs a name") }
                let placement = try aliases.section(alias, "One camera; requests may name it by this name.") {
                    section throws(ConfigurationError) in
                    try CameraPlacement(alias: alias, &section)
                }
                placements.append(placement)
            }
            return placements
        }
        self.init(
            pattern: try section.bool(
                "pattern", or: standard.pattern, "A drawn test camera is offered beside the real ones."),
            keepWarm: .seconds(
                try section.number(
                    "keepWarmSeconds", in: 0...3_600, or: standard.keepWarm / .seconds(1),
                    "How long a camera stays on after a picture, so that the next one is there at once.")),
            device: try section.string(
                "device",
                "The camera of requests that name none: an alias, or any name that `camera.list` shows. "
                    + "Without it, the first one found."),
            snapsPerSecond: try section.number(
                "snapsPerSecond", in: 0.1...1_000, or: standard.snapsPerSecond,
                "Requests for more pictures and clips than this are refused with `RATE_LIMITED`."),
            placements: try section.section(
                "aliases", "What the owner says of single cameras, under names of the owner's choice.", placed))
    }
}
