import NodeCore
import Testing

@testable import NodeLocation

@Suite struct LocationConfigurationTests {
    private func read(_ members: [String: ConfigurationValue.Content]) throws(ConfigurationError)
        -> LocationConfiguration
    {
        var section = try ConfigurationSection(value(.object(members.mapValues(value))))
        return try LocationConfiguration(&section)
    }

    private func value(_ content: ConfigurationValue.Content) -> ConfigurationValue {
        ConfigurationValue(content, from: .option("--x"))
    }

    private func fixed(_ members: [String: ConfigurationValue.Content]) throws(ConfigurationError) -> FixedPlace? {
        try read(["fixed": .object(members.mapValues(value))]).fixed
    }

    @Test("without a word, both services are asked where they usually are, and no place is fixed") func usual() throws {
        let usual = try read([:])
        #expect(usual.gpsd == LocationConfiguration.Server(host: "127.0.0.1", port: 2_947))
        #expect(usual.asksGeoClue && usual.fixed == nil)
        let none = try read(["gpsd": .bool(false), "geoclue": .bool(false), "gpsdHost": .string("roof.local")])
        #expect(none.gpsd == nil && !none.asksGeoClue)
        let elsewhere = try read(["gpsdHost": .string("roof.local"), "gpsdPort": .integer(2_948)])
        #expect(elsewhere.gpsd == LocationConfiguration.Server(host: "roof.local", port: 2_948))
    }

    @Test("a fixed place needs both of its degrees, on Earth") func fixed() throws {
        let place = try fixed(["latitude": .number(48.14), "longitude": .integer(-11)])
        #expect(place == FixedPlace(latitude: 48.14, longitude: -11, accuracy: 100, altitude: nil))
        let whole = try fixed([
            "latitude": .integer(-90), "longitude": .integer(180), "accuracyMeters": .integer(5),
            "altitudeMeters": .number(519.5),
        ])
        #expect(whole == FixedPlace(latitude: -90, longitude: 180, accuracy: 5, altitude: 519.5))
        for (members, key) in [
            (["latitude": .integer(1)], "longitude: is missing"), (["longitude": .integer(1)], "latitude: is missing"),
            (["accuracyMeters": .integer(1)], "latitude: is missing"),
            (["latitude": .integer(91), "longitude": .integer(1)], "latitude: must be a number from -90 to 90"),
        ] as [([String: ConfigurationValue.Content], String)] {
            do throws(ConfigurationError) {
                _ = try fixed(members)
                Issue.record("\(members) was understood")
            } catch { #expect("\(error)" == "option --x: fixed." + key) }
        }
    }
}
