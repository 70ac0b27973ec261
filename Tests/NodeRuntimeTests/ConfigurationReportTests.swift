import LinuxIO
import NodeCore
import NodeTesting
import Testing

@testable import NodeRuntime

@Suite struct ConfigurationReportTests {
    func report(
        _ text: String, options: [String: ConfigurationValue] = [:], variables: [String: String] = [:]
    ) throws -> (lines: [String: ConfigurationReport.Line], file: String) {
        let scratch = try ScratchFolder()
        let file = scratch.file("clawnode.json")
        try StateFile.write(file, Array(text.utf8), durable: false)
        let surroundings = Surroundings(variables: variables, isRoot: true)
        let sources = try ConfigurationSources(file: file, options: options, surroundings: surroundings)
        let configuration = try Configuration(sources, surroundings)
        let lines = try ConfigurationReport(sources, configuration, surroundings).lines
        return (Dictionary(uniqueKeysWithValues: lines.map { ($0.key, $0) }), file)
    }

    @Test("each value is shown with the file, variable or option it comes from, or as a default") func origins() throws
    {
        let (lines, file) = try report(
            "{\"camera\": {\"pattern\": true}, \"commands\": [\"device.info\"], \"logLevel\": \"debug\", \"port\": null}",
            options: ["logLevel": ConfigurationValue(.string("error"), from: .option("--log-level"))],
            variables: ["STATE_DIRECTORY": "/s"])
        func line(_ key: String) -> String? { lines[key].map { "\($0.value) \($0.origin)" } }
        #expect(line("camera.pattern") == "true \(file)")
        #expect(line("commands") == "[\"device.info\"] \(file)")
        #expect(line("logLevel") == "\"error\" option --log-level")
        #expect(line("stateDir") == "\"/s\" environment variable STATE_DIRECTORY")
        #expect(line("runtimeDir") == "\"/run/clawnode\" default")
        #expect(line("capabilities.camera") == "false default")
        #expect(line("maxConcurrentInvocations") == "8 default")
        #expect(line("camera.snapsPerSecond") == "4 default")
        #expect(line("port") == nil)
    }

    @Test("a secret of the environment is named and not shown") func secret() throws {
        let (lines, _) = try report("{}", variables: ["OPENCLAW_GATEWAY_TOKEN": "hush"])
        #expect(lines["token"]?.origin == "environment variable OPENCLAW_GATEWAY_TOKEN")
        #expect(!lines.values.contains { $0.value.contains("hush") })
    }
}
