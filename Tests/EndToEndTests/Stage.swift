import Glibc
import LinuxIO
import NodeCore
import NodeCrypto
import NodeTesting
import PracticeGateway
import Testing

/// One test's stage: a gateway in this process, a scratch folder, and the built programs beside it.
struct Stage: Sendable {
    enum Wire: CaseIterable, Sendable {
        case plain, tls
    }

    private static let certificate = Result { try SelfSignedCertificate.make(hosts: ["127.0.0.1"]) }

    let loop: EventLoop
    let gateway: PracticeGateway
    let scratch: ScratchFolder

    static let everything = ["device.info", "camera.list", "camera.snap"]

    private static let patternCamera =
        "{\"capabilities\": {\"camera\": true}, \"camera\": {\"pattern\": true, \"snapsPerSecond\": 1000}}"

    /// Runs `body` on a stage of its own; whatever the node did against the protocol fails the test.
    static func run(
        over wire: Wire = .plain, _ options: PracticeOptions = open(),
        _ body: @escaping @Sendable (Stage) async throws -> Void
    ) async throws {
        let scratch = try ScratchFolder()
        let breaches = try await onEventLoop { loop in
            var options = options
            if wire == .tls { options.certificate = try certificate.get() }
            let gateway = try PracticeGateway(options, on: loop)
            let stage = Stage(loop: loop, gateway: gateway, scratch: scratch)
            try stage.configure(patternCamera)
            try await withThrowingTaskGroup(of: Bool.self) { group in
                group.addTask {
                    await gateway.run()
                    return false
                }
                group.addTask {
                    try await body(stage)
                    return true
                }
                group.addTask {
                    // A test that waits for what never comes fails, rather than the whole run.
                    try await loop.sleep(for: .seconds(60))
                    throw Silence()
                }
                while try await group.next() == false {}
                group.cancelAll()
            }
            return gateway.violations
        }
        #expect(breaches.isEmpty)
    }

    struct Silence: Error {}

    /// A gateway that lets everybody in and approves everything.
    static func open() -> PracticeOptions {
        var options = PracticeOptions(release: .newest)
        options.approvesDevices = true
        options.approvesSurfaces = true
        options.allowedCommands = everything
        return options
    }

    /// The words that lead `clawnode run` to the gateway, or to a relay before it.
    func way(through relay: CuttingRelay? = nil) -> [String] {
        let scheme = gateway.options.certificate == nil ? "ws" : "wss"
        let url = relay.map { "\(scheme)://127.0.0.1:\($0.port)" } ?? gateway.url
        guard let certificate = gateway.options.certificate else { return ["--gateway", url] }
        return ["--gateway", url, "--tls-fingerprint", certificate.fingerprint]
    }

    /// `dialect`: on a machine that is busy with other tests, a gateway of this process may take longer to greet than it may where the
    /// dialect is to be found out.
    func configure(_ text: String = patternCamera, dialect: String = "openclaw") throws {
        let whole = "{\"dialect\": \"\(dialect)\", " + text.dropFirst()
        try StateFile.write(scratch.file("clawnode.json"), Array(whole.utf8), durable: false)
    }

    // MARK: The program

    static let program: String = {
        let folder = OwnProgram.directory ?? ""
        // The test runner lies beside the programs, or is the toolchain's own and is told where the bundle lies.
        let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") }
        let candidates = [folder, bundle.map { String($0[..<($0.lastIndex(of: "/") ?? $0.startIndex)]) } ?? folder]
        return candidates.map { $0 + "/clawnode" }.first { access($0, X_OK) == 0 } ?? "clawnode is not built"
    }()

    var log: String {
        // Before the first line there is none.
        (try? StateFile.read(scratch.file("log"), limit: 1 << 24)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    /// The options that keep a program in the scratch folder.
    var files: [String] {
        [
            "--config", scratch.file("clawnode.json"), "--state-dir", scratch.file("state"), "--runtime-dir",
            scratch.file("run"),
        ]
    }

    /// Starts `clawnode` with the scratch folder's files; stdout goes to `out`, stderr to `log`.
    func start(_ words: [String], program: String = Stage.program) throws -> ChildProcess {
        let out = try FileDescriptor(opening: scratch.file("out"), flags: O_WRONLY | O_CREAT | O_TRUNC, mode: 0o600)
        let log = try FileDescriptor(opening: scratch.file("log"), flags: O_WRONLY | O_CREAT | O_APPEND, mode: 0o600)
        return try ChildProcess.spawn(
            program, arguments: words + files, descriptors: [(out.raw, as: 1), (log.raw, as: 2)], on: loop)
    }

    /// The exit status and stdout of a subcommand.
    func ask(_ words: String...) async throws -> (status: LinuxIO.ExitStatus, answer: String) {
        let status = try await start(words).wait()
        return (status, String(decoding: try StateFile.read(scratch.file("out"), limit: 1 << 24), as: UTF8.self))
    }

    /// Runs the daemon for as long as `body` takes, then stops it as systemd would.
    func withDaemon<R>(
        _ words: [String] = [], through relay: CuttingRelay? = nil, _ body: (ChildProcess) async throws -> R
    ) async throws -> R {
        let daemon = try start(["run"] + way(through: relay) + words)
        do {
            let result = try await body(daemon)
            daemon.signal(SIGTERM)
            #expect(try await daemon.wait() == .exited(0), "\(log)")
            return result
        } catch {
            daemon.signal(SIGKILL)
            throw error
        }
    }

    /// Runs a relay to the gateway and `body` beside it.
    func withRelay(_ body: @escaping @Sendable (CuttingRelay) async throws -> Void) async throws {
        let relay = try CuttingRelay(to: gateway.port, on: loop)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await relay.run() }
            group.addTask { try await body(relay) }
            try await group.next()
            group.cancelAll()
        }
    }

    // MARK: What happens

    /// Whether the only node is there on the very first connection that there was.
    var isUndisturbed: Bool {
        get async {
            let arrivals = gateway.events.all.count { if case .opened = $0 { true } else { false } }
            return await gateway.nodes.map(\.connection) == [1] && arrivals == 1
        }
    }

    /// The next node that is let in, in the order of `events`.
    func hello(_ events: inout EventFeed<GatewayEvent>.Reader) async throws -> NodeView {
        try await events.first { if case .hello(_, let node) = $0 { node } else { nil } }
    }

    /// Waits until the daemon's status is as `isMet` wants it; gives its text.
    @discardableResult
    func status(_ isMet: (String) -> Bool) async throws -> String {
        try StateFile.makeDirectory(scratch.file("run"))
        let watch = try DirectoryWatch(scratch.file("run"), on: loop)
        while true {
            // Not written yet, or just being replaced.
            let bytes = (try? StateFile.read(scratch.file("run") + "/status.json")) ?? []
            let text = String(decoding: bytes, as: UTF8.self)
            if isMet(text) { return text }
            try await watch.next()
        }
    }

    /// The worker's process id in a status text; nil while there is none.
    func worker(in status: String) -> pid_t? {
        guard let workers = try? JSONReader.read(Array(status.utf8))["workers"]?.array else { return nil }
        return workers.first?["pid"]?.integer.map { pid_t($0) }
    }
}
