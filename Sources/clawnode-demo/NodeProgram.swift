import Glibc
import LinuxIO
import NodeCore

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
        let answer = scratch + "/cameras.json"
        try StateFile.write(configurationFile, Array("{\"capabilities\": {\"camera\": true}}\n".utf8), durable: false)
        _ = try await start(["invoke", "camera.list"], output: answer).wait()
        struct Cameras: Decodable {
            struct Camera: Decodable { var id: String }
            var devices: [Camera]
        }
        // A refusal has no devices: there is no camera that can be used, which is what is asked.
        let cameras = try? JSON.decode(Cameras.self, from: try StateFile.read(answer))
        return cameras?.devices.isEmpty == false
    }

    /// Starts the daemon.
    func serve(gateway: String, withPattern: Bool, display: String?) throws -> ChildProcess {
        let capabilities = ["camera", "location", "microphone", "screen"].map { "\"\($0)\": true" }
        let screen = display.map { ", \"screen\": {\"display\": \"\($0)\"}" } ?? ""
        // Where no receiver and no service knows the place, the one that is written down counts: the Brandenburg Gate's.
        let configuration = """
            {"capabilities": {\(capabilities.joined(separator: ", "))}, "camera": {"pattern": \(withPattern)}\(screen),
             "location": {"fixed": {"latitude": 52.51628, "longitude": 13.37771, "accuracyMeters": 20}}}

            """
        try StateFile.write(configurationFile, Array(configuration.utf8), durable: false)
        return try start(["run", "--gateway", gateway, "--token-file", tokenFile], output: logFile)
    }

    private func start(_ words: [String], output: String) throws -> ChildProcess {
        let places = [
            "--state-dir", scratch + "/state", "--runtime-dir", scratch + "/run", "--config", configurationFile,
        ]
        return try Companion.start([path] + words + places, output: output, log: logFile, on: loop)
    }

    /// The last lines the daemon wrote.
    var lastWords: String {
        // Without a log there are none.
        let text = (try? StateFile.read(logFile)).map { String(decoding: $0, as: UTF8.self) } ?? ""
        return text.split(separator: "\n").suffix(20).joined(separator: "\n")
    }
}
