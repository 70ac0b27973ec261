import NodeCore

/// The `location` part of the configuration: read once, never changed.
package struct LocationConfiguration: Equatable, Sendable {
    /// A host, by name or address, and a port.
    package struct Server: Equatable, Sendable {
        package let host: String
        package let port: UInt16
    }

    /// Nil: it is not asked.
    package let gpsd: Server?
    package let asksGeoClue: Bool
    package let fixed: FixedPlace?

    package init(_ section: inout ConfigurationSection) throws(ConfigurationError) {
        let asksGPSD = try section.bool(
            "gpsd", or: true, "Whether gpsd is asked, which has the receivers of satellites.")
        let standard = "127.0.0.1"
        let host = try section.string("gpsdHost", or: standard, "Where gpsd listens.") ?? standard
        let port = try section.integer("gpsdPort", in: 1...65_535, or: 2_947, "The port where it listens.")
        gpsd = asksGPSD ? Server(host: host, port: UInt16(port)) : nil
        asksGeoClue = try section.bool(
            "geoclue", or: true, "Whether GeoClue is asked, which knows where the Wi-Fi networks around are.")
        fixed = try section.section(
            "fixed", "Where this machine stands, for when nobody else knows.", FixedPlace.read)
    }
}

extension FixedPlace {
    /// Nil where nothing is said.
    fileprivate static func read(_ section: inout ConfigurationSection) throws(ConfigurationError) -> FixedPlace? {
        let latitude = try section.number("latitude", in: -90...90, "Degrees north of the equator.")
        let longitude = try section.number("longitude", in: -180...180, "Degrees east of Greenwich.")
        let accuracy = try section.number(
            "accuracyMeters", in: 0...1_000_000, or: 100, "By how much that may be off.")
        let altitude = try section.number(
            "altitudeMeters", in: -12_000...100_000, "Metres above the mean sea level.")
        if section.isEmpty { return nil }
        guard let latitude else { throw section.error("latitude", "is missing") }
        guard let longitude else { throw section.error("longitude", "is missing") }
        return FixedPlace(latitude: latitude, longitude: longitude, accuracy: accuracy, altitude: altitude)
    }
}
