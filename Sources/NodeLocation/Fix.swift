/// Where a machine was, once.
package struct Fix: Equatable, Sendable {
    /// What it was found by, in the wire's words.
    package enum Source: String, Encodable, Sendable {
        case gps, wifi, cell, unknown
    }

    /// Degrees of WGS 84, north and east.
    package let latitude: Double
    package let longitude: Double
    /// By how many metres it may be off, as far as its provider knows.
    package let accuracy: Double
    /// Metres above the mean sea level.
    package let altitude: Double?
    /// Metres a second.
    package let speed: Double?
    /// Degrees clockwise from true north.
    package let heading: Double?
    /// Milliseconds since 1970.
    package let time: Int
    package let source: Source

    /// Up to half the Earth's circumference: what is off by more may be anywhere.
    private static let accuracies = 0...20_037_508.0

    /// Nil for what is no place on Earth. What else can be no measure is left out.
    package init?(
        latitude: Double, longitude: Double, accuracy: Double, altitude: Double? = nil, speed: Double? = nil,
        heading: Double? = nil, time: Int, source: Source
    ) {
        guard (-90...90).contains(latitude), (-180...180).contains(longitude), Self.accuracies.contains(accuracy) else {
            return nil
        }
        func measure(_ value: Double?, in range: ClosedRange<Double>) -> Double? {
            value.flatMap { range.contains($0) ? $0 : nil }
        }
        self.latitude = latitude
        self.longitude = longitude
        self.accuracy = accuracy
        // From the Earth's centre to the satellites that tell of it.
        self.altitude = measure(altitude, in: -6.4e6...2.1e7)
        // Nothing that is asked is faster than light.
        self.speed = measure(speed, in: 0...3e8)
        self.heading = measure(heading, in: 0...360)
        // Before the first of these satellites nobody has found anything.
        self.time = max(0, time)
        self.source = source
    }
}
