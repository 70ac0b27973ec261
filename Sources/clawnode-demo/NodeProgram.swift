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
    func serve(gateway: String, withPattern: Bool) throws -> ChildProcess {
        let configuration = """
            {"capabilities": {"camera": true, "microphone": true}, "camera": {"pattern": \(withPattern)}}

            """
        try StateFile.write(configurationFile, Array(configuration.utf8), durable: false)
        return try start(["run", "--gateway", gateway, "--token-file", tokenFile], output: logFile)
    }

    private func start(_ words: [String], output: String) throws -> ChildProcess {
        let out = try FileDescriptor(opening: output, flags: O_WRONLY | O_CREAT | O_TRUNC, mode: 0o600)
        let log = try FileDescriptor(opening: logFile, flags: O_WRONLY | O_CREAT | O_APPEND, mode: 0o600)
        let directories = ["--state-dir", scratch + "/state", "--runtime-dir", scratch + "/run"]
        // However the demo ends, what it started is not left behind: the kernel sees to that (PR_SET_PDEATHSIG), and setpriv(1),
        // which every Debian has, asks it to before it becomes the program.
        return try ChildProcess.spawn(
            "/usr/bin/setpriv",
            arguments: ["--pdeathsig", "TERM", path] + words + directories + ["--config", configurationFile],
            descriptors: [(out.raw, as: 1), (log.raw, as: 2)], on: loop)
    }

    /// The last lines the daemon wrote.
    var lastWords: String {
        // Without a log there are none.
        let text = (try? StateFile.read(logFile)).map { String(decoding: $0, as: UTF8.self) } ?? ""
        return text.split(separator: "\n").suffix(20).joined(separator: "\n")
    }
}
