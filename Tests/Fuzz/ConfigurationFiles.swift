import LinuxIO
import NodeCore
import NodeTesting

@testable import NodeConfiguration
@testable import NodeRuntime

/// A configuration file: the tree that is made of it, and the settings.
enum ConfigurationFiles {
    private static let folder: ScratchFolder = {
        do { return try ScratchFolder(in: "/dev/shm") } catch { preconditionFailure("a scratch folder: \(error)") }
    }()

    @Sendable static func check(_ input: [UInt8]) throws {
        let tree: ConfigurationValue
        do throws(ConfigurationError) { tree = try ConfigurationFile.parse(input, "f") } catch {
            return expect(error.description.hasPrefix("f: "), "an error says where: \(error)")
        }
        guard case .object = tree.content else { return expect(false, "a file is an object") }
        let text = write(tree)
        expect(try reading(Array(" \n/* so */".utf8) + input) == text, "a comment before changes nothing")
        expect(try reading(input + Array("\n// so".utf8)) == text, "a comment behind changes nothing")
        expect(try reading(Array(text.utf8)) == text, "what was read can be written, and is the same")
        expect(write(tree.merging(tree)) == text, "said twice is said once")
        try checkSettings(input)
    }

    private static func reading(_ input: [UInt8]) throws -> String {
        write(try ConfigurationFile.parse(input, "f"))
    }

    private static func checkSettings(_ input: [UInt8]) throws {
        let path = folder.file("clawnode.json")
        try StateFile.write(path, input, durable: false)
        let surroundings = Surroundings(variables: ["HOME": folder.path], isRoot: false)
        let sources = try ConfigurationSources(file: path, options: [:], surroundings: surroundings)
        let configuration: Configuration
        do throws(ConfigurationError) {
            // With secrets, it would open whatever files the input names.
            configuration = try Configuration(sources, surroundings, needsSecrets: false)
        } catch { return expect(!error.description.isEmpty, "an error has words") }
        expect((1...64).contains(configuration.invocationLimit), "a limit is one")
        expect((.zero ... .seconds(3_600)).contains(configuration.camera.keepWarm), "a camera is let go")
        expect(configuration.gateway?.isTLS != false || configuration.pins.isEmpty, "a pin is not lost")
        expect(!configuration.stateDirectory.isEmpty && !configuration.runtimeDirectory.isEmpty, "files have a place")
        let report = try ConfigurationReport(sources, configuration, surroundings)
        expect(Set(report.lines.map(\.key)).count == report.lines.count, "each setting has one line")
    }

    private static func write(_ value: ConfigurationValue) -> String {
        switch value.content {
        case .null: "null"
        case .bool(let bool): "\(bool)"
        case .integer(let number): "\(number)"
        case .number(let number): write(number)
        case .string(let text): quoted(text)
        case .array(let elements): "[" + elements.map(write).joined(separator: ",") + "]"
        case .object(let members):
            "{" + members.map { quoted($0.key) + ":" + write($0.value) }.sorted().joined(separator: ",") + "}"
        }
    }

    /// json-c takes these words, and no setting does.
    private static func write(_ number: Double) -> String {
        number.isNaN ? "NaN" : number.isInfinite ? (number < 0 ? "-Infinity" : "Infinity") : "\(number)"
    }

    private static func quoted(_ text: String) -> String {
        String(decoding: JSON.quoted(text), as: UTF8.self)
    }
}
