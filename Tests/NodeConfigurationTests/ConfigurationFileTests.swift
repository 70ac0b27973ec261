import Glibc
import LinuxIO
import NodeCore
import NodeTesting
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

    @Test("a byte order mark, which nobody sees, is no mistake") func byteOrderMark() {
        #expect(message("\u{FEFF}{\"a\": 1}") == "understood")
        #expect(message("\u{FEFF}{} x") == "/c.json: line 1, column 4: something follows the closing brace")
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

    @Test(
        "comments may stand anywhere, and must end",
        arguments: [
            ("// first\n{}", "understood"), ("{} /* a */ // b\n// c", "understood"),
            ("{}// no line's end", "understood"),
            ("{\"a\": {\"b\": 1} /* open", "/c.json: line 1, column 23: a comment has no end"),
            ("{}\n/* open *", "/c.json: line 2, column 10: a comment has no end"),
            ("{} // a\n{\"b\": 1}", "/c.json: line 2, column 1: something follows the closing brace"),
            ("{}\0{}", "/c.json: line 1, column 3: a zero byte, which no text has"),
            ("{}// \0 ", "/c.json: line 1, column 6: a zero byte, which no text has"),
        ])
    func comments(text: String, outcome: String) {
        #expect(message(text) == outcome)
    }

    @Test("a string is read whole, a zero in it too") func zero() throws {
        var section = try ConfigurationSection(
            ConfigurationFile.parse(Array("{\"a\": \"x\\u0000y\"}".utf8), "/c.json"))
        #expect(try section.string("a") == "x\0y")
    }

    @Test("text that is no UTF-8 is refused") func encoding() {
        let bytes = Array("{\"a\": \"".utf8) + [0xFF] + Array("\"}".utf8)
        #expect(throws: ConfigurationError.self) { try ConfigurationFile.parse(bytes, "/c.json") }
    }

    // MARK: Files

    func write(_ text: String, to path: String) throws {
        try StateFile.write(path, Array(text.utf8), durable: false)
    }

    @Test("fragments come after the file, in name order; other files and hidden ones do not count")
    func fragments() throws {
        let scratch = try ScratchFolder()
        let file = scratch.file("clawnode.json")
        let folder = ConfigurationFile.fragmentFolder(beside: file)
        #expect(folder == scratch.file("config.d"))
        try StateFile.makeDirectory(folder)
        try write("{\"a\": 0, \"b\": 0, \"c\": 0}", to: file)
        try write("{\"a\": 1, \"b\": 1}", to: folder + "/10.json")
        try write("{\"a\": 2}", to: folder + "/20.json")
        try write("{\"a\": 3}", to: folder + "/30.json.bak")
        try write("{\"a\": 4}", to: folder + "/.40.json")
        var section = try ConfigurationSection(try ConfigurationFile.load(file, isRequired: true))
        #expect(try section.integer("a", in: 0...9) == 2)
        #expect(try section.integer("b", in: 0...9) == 1)
        #expect(try section.integer("c", in: 0...9) == 0)
        #expect(section.origin(of: "a") == .file(folder + "/20.json"))
        #expect(section.origin(of: "b") == .file(folder + "/10.json"))
        #expect(section.origin(of: "c") == .file(file))
    }

    @Test("fragments count without the file they stand beside") func fragmentsAlone() throws {
        let scratch = try ScratchFolder()
        try StateFile.makeDirectory(scratch.file("config.d"))
        try write("{\"a\": 1}", to: scratch.file("config.d") + "/a.json")
        var section = try ConfigurationSection(
            try ConfigurationFile.load(scratch.file("clawnode.json"), isRequired: false))
        #expect(try section.integer("a", in: 0...9) == 1)
    }

    @Test("the usual file may be missing, a named one may not") func missing() throws {
        let scratch = try ScratchFolder()
        let file = scratch.file("clawnode.json")
        #expect(try ConfigurationFile.load(file, isRequired: false) == nil)
        #expect(throws: ConfigurationError(.file(file), "cannot be read: \(Errno(ENOENT))")) {
            try ConfigurationFile.load(file, isRequired: true)
        }
    }

    @Test("what is there and cannot be read is an error, and never passed over") func unreadable() throws {
        let scratch = try ScratchFolder()
        // Root may read everything, but nobody reads a directory as a file, or the other way round.
        let file = scratch.file("clawnode.json")
        try StateFile.makeDirectory(file)
        #expect(throws: ConfigurationError(.file(file), "cannot be read: \(Errno(EISDIR))")) {
            try ConfigurationFile.load(file, isRequired: false)
        }
        let folder = scratch.file("config.d")
        try write("", to: folder)
        #expect(throws: ConfigurationError(.file(folder), "cannot be read: \(Errno(ENOTDIR))")) {
            try ConfigurationFile.load(scratch.file("other.json"), isRequired: false)
        }
    }

    @Test(
        "a service reads what systemd names, root /etc, a user the configuration directory",
        arguments: [
            (true, ["HOME": "/root", "XDG_CONFIG_HOME": "/x"], "/etc/clawnode/clawnode.json"),
            (false, ["HOME": "/home/pi"], "/home/pi/.config/clawnode/clawnode.json"),
            (false, ["HOME": "/home/pi", "XDG_CONFIG_HOME": "/x"], "/x/clawnode/clawnode.json"),
            (false, [:], "/etc/clawnode/clawnode.json"),
            (false, ["HOME": "/home/pi", "CONFIGURATION_DIRECTORY": "/etc/ours:/etc/more"], "/etc/ours/clawnode.json"),
        ] as [(Bool, [String: String], String)])
    func usualPaths(isRoot: Bool, variables: [String: String], path: String) {
        #expect(ConfigurationFile.usualPath(isRoot: isRoot) { variables[$0] } == path)
    }
}
