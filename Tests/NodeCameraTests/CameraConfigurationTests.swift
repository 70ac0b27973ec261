import NodeCore
import NodeMedia
import Testing

@testable import NodeCamera

@Suite struct CameraConfigurationTests {
    private typealias Content = ConfigurationValue.Content

    private func object(_ members: [String: Content]) -> Content {
        .object(members.mapValues { ConfigurationValue($0, from: .file("/c.json")) })
    }

    private func read(_ members: [String: Content]) throws(ConfigurationError) -> CameraConfiguration {
        var section = try ConfigurationSection(ConfigurationValue(object(members), from: .file("/c.json")))
        let configuration = try CameraConfiguration(&section)
        try section.finish()
        return configuration
    }

    @Test("nothing said is five seconds warm, four pictures a second, no names") func standard() throws {
        let configuration = try read([:])
        #expect(configuration == CameraConfiguration())
        #expect(configuration.keepWarm == .seconds(5) && configuration.snapsPerSecond == 4)
        #expect(configuration.placements.isEmpty)
    }

    @Test("cameras are named, placed and turned") func aliases() throws {
        let configuration = try read([
            "snapsPerSecond": .number(0.5), "keepWarmSeconds": .integer(0),
            "aliases": object([
                "yard": object(["device": .string("video2")]),
                "door": object([
                    "device": .string("usb-x"), "position": .string("front"), "rotate": .integer(270),
                    "mirror": .bool(true),
                ]),
            ]),
        ])
        #expect(configuration.snapsPerSecond == 0.5 && configuration.keepWarm == .zero)
        #expect(
            configuration.placements == [
                CameraPlacement(
                    alias: "door", device: "usb-x", position: .front,
                    orientation: Orientation(turn: .threeQuarters, isMirrored: true)),
                CameraPlacement(alias: "yard", device: "video2"),
            ])
    }

    @Test(
        "what cannot be meant is refused with file and key",
        arguments: [
            ([:], "/c.json: camera.aliases.door.device: is missing"),
            (["device": .string("x"), "rotate": .integer(45)], "rotate: must be 0, 90, 180 or 270"),
            (["device": .string("x"), "rotate": .integer(360)], "rotate: must be an integer from 0 to 270"),
            (["device": .string("x"), "position": .string("left")], "\"left\" is none of front, back, unknown"),
            (["device": .string("x"), "miror": .bool(true)], "unknown key; did you mean \"mirror\"?"),
        ] as [([String: ConfigurationValue.Content], String)])
    func wrong(door: [String: ConfigurationValue.Content], problem: String) throws {
        let whole = object(["camera": object(["aliases": object(["door": object(door)])])])
        var section = try ConfigurationSection(ConfigurationValue(whole, from: .file("/c.json")))
        var told = "understood"
        do throws(ConfigurationError) {
            _ = try section.section("camera") { camera throws(ConfigurationError) in try CameraConfiguration(&camera) }
        } catch { told = error.description }
        #expect(told.contains(problem))
    }
}
