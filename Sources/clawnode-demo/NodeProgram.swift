import Glibc
import LinuxIO
import PracticeGateway

/// The real `clawnode`, found beside this program, with everything it keeps in one scratch directory.
struct NodeProgram: Sendable {
    enum Failure: Error, CustomStringConvertible {
        case notFound(String)

        var description: String {
            switch self {
            case .notFound(let path): "\(path) is not there; build it: swift build --product clawnode"
            }
        }
    }

    let path: String
    let scratch: String
    let loop: EventLoop

    init(scratch: String, on loop: EventLoop) throws {
        path = (OwnProgram.directory ?? "") + "/clawnode"
        guard access(path, X_OK) == 0 else { throw Failure.notFound(path) }
        self.scratch = scratch
        self.loop = loop
    }

    var configurationFile: String { scratch + "/clawnode.json" }
    var tokenFile: String { scratch + "/token" }
    var logFile: String { scratch + "/clawnode.log" }

    /// Whether the machine has a camera of its own.
    func findsCamera() async throws -> Bool {
        try await answer(to: "camera.list", of: "camera")?["devices"]?.array?.isEmpty == false
    }

    /// Whether it has a microphone.
    func findsMicrophone() async throws -> Bool {
        let sources = try await answer(to: "audio.list", of: "microphone")?["sources"]?.array ?? []
        return sources.contains { $0["monitor"]?.bool == false }
    }

    /// Nil when it is refused: then there is nothing that can be used, which is what is asked.
    private func answer(to command: String, of capability: String) async throws -> JSONValue? {
        let answer = scratch + "/answer.json"
        let configuration = "{\"capabilities\": {\"\(capability)\": true}}\n"
        try StateFile.write(configurationFile, Array(configuration.utf8), durable: false)
        _ = try await start(["invoke", command], output: answer).wait()
        return try? JSONReader.read(try StateFile.read(answer))
    }

    /// Starts the daemon. `sound`: the server to hear, nil for the machine's own.
    func serve(gateway: String, withPattern: Bool, display: String?, sound: String?) throws -> ChildProcess {
        let capabilities = ["camera", "location", "microphone", "screen"].map { "\"\($0)\": true" }
        let screen = display.map { ", \"screen\": {\"display\": \"\($0)\"}" } ?? ""
        // Where no receiver and no service knows the place, the one that is written down counts: the Brandenburg Gate's.
        let configuration = """
            {"capabilities": {\(capabilities.joined(separator: ", "))}, "camera": {"pattern": \(withPattern)}\(screen),
             "location": {"fixed": {"latitude": 52.51628, "longitude": 13.37771, "accuracyMeters": 20}}}

            """
        try StateFile.write(configurationFile, Array(configuration.utf8), durable: false)
        let variables = sound.map { ["/usr/bin/env", "PULSE_SERVER=" + $0] } ?? []
        return try start(["run", "--gateway", gateway, "--token-file", tokenFile], variables, output: logFile)
    }

    private func start(_ words: [String], _ prefix: [String] = [], output: String) throws -> ChildProcess {
        let places = [
            "--state-dir", scratch + "/state", "--runtime-dir", scratch + "/run", "--config", configurationFile,
        ]
        return try Companion.start(prefix + [path] + words + places, output: output, log: logFile, on: loop)
    }

    /// The last lines the daemon wrote.
    var lastWords: String {
        // Without a log there are none.
        let text = (try? StateFile.read(logFile)).map { String(decoding: $0, as: UTF8.self) } ?? ""
        return text.split(separator: "\n").suffix(20).joined(separator: "\n")
    }
}
