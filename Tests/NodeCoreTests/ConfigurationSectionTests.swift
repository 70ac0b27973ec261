import Testing

@testable import NodeCore

@Suite struct ConfigurationSectionTests {
    static let origin = ConfigurationValue.Origin.file("/c.json")

    func section(_ members: [String: ConfigurationValue.Content]) throws -> ConfigurationSection {
        try ConfigurationSection(
            ConfigurationValue(
                .object(members.mapValues { ConfigurationValue($0, from: Self.origin) }), from: Self.origin))
    }

    func message(
        _ members: [String: ConfigurationValue.Content],
        _ read: (inout ConfigurationSection) throws(ConfigurationError) -> Void
    ) throws -> String {
        var section = try section(members)
        do throws(ConfigurationError) {
            try read(&section)
            try section.finish()
            return "understood"
        } catch { return error.description }
    }

    @Test("what is absent or null is nil") func absent() throws {
        var section = try section(["a": .null])
        #expect(try section.string("a") == nil)
        #expect(try section.bool("b") == nil)
        try section.finish()
    }

    @Test("a wrong type or range names file and key") func wrong() throws {
        let text = try message(["a": .integer(1)]) { section throws(ConfigurationError) in _ = try section.string("a") }
        #expect(text == "/c.json: a: must be a string with something in it")
        let port = try message(["port": .integer(70_000)]) { section throws(ConfigurationError) in
            _ = try section.integer("port", in: 1...65_535)
        }
        #expect(port == "/c.json: port: must be an integer from 1 to 65535")
        let level = try message(["level": .string("loud")]) { section throws(ConfigurationError) in
            _ = try section.choice("level", Log.Level.self)
        }
        #expect(level == "/c.json: level: \"loud\" is none of error, warning, info, debug")
    }

    @Test("an unknown key is an error with the nearest known one") func unknown() throws {
        let text = try message(["gatewya": .string("x")]) { section throws(ConfigurationError) in
            _ = try section.string("gateway")
            _ = try section.bool("tls")
        }
        #expect(text == "/c.json: gatewya: unknown key; did you mean \"gateway\"?")
        let inner = try message(["camera": .object(["patern": ConfigurationValue(.bool(true), from: Self.origin)])]) {
            section throws(ConfigurationError) in
            try section.section("camera") { inner throws(ConfigurationError) in _ = try inner.bool("pattern") }
        }
        #expect(inner == "/c.json: camera.patern: unknown key; did you mean \"pattern\"?")
    }

    @Test(
        "a word is corrected when it is close, and only then",
        arguments: [
            ("gatewya", "gateway"), ("--tokn-file", "--token-file"), ("runn", "run"), ("teleport", nil), ("", nil),
        ] as [(String, String?)])
    func spelling(word: String, nearest: String?) {
        #expect(Spelling.nearest(to: word, among: ["gateway", "--token-file", "run"]) == nearest)
    }
}
