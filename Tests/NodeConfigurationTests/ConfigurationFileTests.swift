import NodeCore
import Testing

@testable import NodeConfiguration

@Suite struct ConfigurationFileTests {
    func message(_ text: String) -> String {
        do throws(ConfigurationError) {
            _ = try ConfigurationFile.parse(Array(text.utf8), "/c.json")
            return "understood"
        } catch { return error.description }
    }

    @Test("comments and every kind of value are read") func values() throws {
        let text = """
            { // a comment
              "text": "ü\\n", "yes": true, "whole": -7, "part": 1.5, "none": null, /* another */
              "list": ["a", {"b": 2}]
            } // the end
            """
        let value = try ConfigurationFile.parse(Array(text.utf8), "/c.json")
        let origin = ConfigurationValue.Origin.file("/c.json")
        func leaf(_ content: ConfigurationValue.Content) -> ConfigurationValue {
            ConfigurationValue(content, from: origin)
        }
        let list = leaf(.array([leaf(.string("a")), leaf(.object(["b": leaf(.integer(2))]))]))
        #expect(
            value.content
                == .object([
                    "text": leaf(.string("ü\n")), "yes": leaf(.bool(true)), "whole": leaf(.integer(-7)),
                    "part": leaf(.number(1.5)), "none": leaf(.null), "list": list,
                ]))
    }

    @Test("a mistake is told with line and column")
    func positions() {
        #expect(message("{\n  \"a\": tru\n}").hasPrefix("/c.json: line 2, column"))
        #expect(message("{\"gateway\": ").hasPrefix("/c.json: line 1, column"))
        #expect(message("{} {}") == "/c.json: line 1, column 4: something follows the closing brace")
        #expect(message("[1]") == "/c.json: must be an object: { … }")
        #expect(message("").contains("line 1"))
        #expect(message("{\"a\": " + String(repeating: "[", count: 100)).contains("nesting"))
    }

    @Test("objects merge, everything else is replaced") func merging() throws {
        let first = try ConfigurationFile.parse(Array("{\"a\": {\"x\": 1, \"y\": [1]}, \"b\": 1}".utf8), "/1")
        let second = try ConfigurationFile.parse(Array("{\"a\": {\"y\": [2]}, \"b\": {\"z\": 1}}".utf8), "/2")
        var section = try ConfigurationSection(first.merging(second))
        try section.section("a") { inner throws(ConfigurationError) in
            #expect(try inner.integer("x", in: 0...9) == 1)
            #expect(inner.origin(of: "x") == .file("/1"))
            #expect(inner.origin(of: "y") == .file("/2"))
            _ = inner.error("y", "")
            _ = try? inner.strings("y")
        }
        let number = try section.section("b") { inner throws(ConfigurationError) in try inner.integer("z", in: 0...9) }
        #expect(number == 1)
    }
}
