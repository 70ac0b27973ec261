import Glibc
import LinuxIO
import NodeCore
import NodeCrypto
import PracticeGateway
import Synchronization

/// A gateway, a node, an operator and a curious agent, all on this machine.
struct Demo: Sendable {
    private let loop: EventLoop
    private let keepsRunning: Bool
    private let scratch: String
    private let token = Hexadecimal.text(SecureRandom.bytes(16))
    private let steps = StepList()

    private static let folder = "clawnode-demo"

    init(on loop: EventLoop, keepsRunning: Bool) throws {
        self.loop = loop
        self.keepsRunning = keepsRunning
        var template = Array("/tmp/clawnode-demo-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Errno.current }
        scratch = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// The program's exit status.
    func run() async throws -> Int32 {
        let signals = try SignalListener([SIGINT, SIGTERM], on: loop)
        let node = try NodeProgram(scratch: scratch, on: loop)
        try StateFile.write(node.tokenFile, Array((token + "\n").utf8), durable: false)
        var options = PracticeOptions(release: .newest)
        options.authentication = .token(token)
        options.allowedCommands = ["device.info", "camera.list", "camera.snap"]
        let gateway = try PracticeGateway(options, on: loop)
        let status = try await withThrowingTaskGroup(of: Int32?.self) { group in
            group.addTask {
                await gateway.run()
                return nil
            }
            group.addTask {
                _ = try await signals.next()
                return 130
            }
            group.addTask { try await perform(gateway, node) }
            while let result = try await group.next() {
                guard let result else { continue }
                group.cancelAll()
                return result
            }
            return 1
        }
        return status
    }

    private func perform(_ gateway: PracticeGateway, _ node: NodeProgram) async throws -> Int32 {
        let hasCamera = try await steps.run("look for cameras") {
            let found = try await node.findsCamera()
            return (found, found ? nil : "none found: the node draws a test picture instead")
        }
        let began = loop.now
        let daemon = try node.serve(gateway: gateway.url, withPattern: !hasCamera)
        // With the daemon gone nothing more can happen; with the show over, the daemon goes.
        let succeeded = try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                _ = try await daemon.wait()
                return false
            }
            group.addTask {
                try await show(gateway, since: began)
                try report(gateway)
                if keepsRunning { try await stayUp(gateway, node) }
                return true
            }
            group.addTask {
                if !keepsRunning {
                    try await loop.sleep(for: .seconds(60))
                    return false
                }
                try await OneShot().fired()
                return false
            }
            defer { daemon.signal(SIGTERM) }
            let first = try await group.next() ?? false
            group.cancelAll()
            return first
        }
        guard succeeded, gateway.violations.isEmpty else {
            for breach in gateway.violations { Screen.complain("against the protocol: \(breach)") }
            Screen.complain(
                "It did not go as it should. The node's last words, from \(node.logFile):\n\(node.lastWords)")
            return 1
        }
        return 0
    }

    /// What an operator does, and then what an agent asks.
    private func show(_ gateway: PracticeGateway, since began: ContinuousClock.Instant) async throws {
        var events = gateway.events.reader()
        let pairing = try await events.first { event -> PairingQueue.Request? in
            if case .pairingRequested(let request) = event { request } else { nil }
        }
        steps.add(
            "the node asks to be paired", loop.now - began, operatorLine: "openclaw devices approve \(pairing.id)")
        _ = try await gateway.approveDevice(pairing.id)
        let approved = loop.now
        let surface = try await events.first { event -> SurfaceApprovals.Request? in
            if case .surfaceRequested(let request) = event { request } else { nil }
        }
        steps.add(
            "it is let in, and its commands wait for approval", loop.now - approved,
            operatorLine: "openclaw nodes approve \(surface.id)")
        // The request is made on the way to the hello, and a node has its commands only after that.
        var hellos = gateway.events.reader()
        _ = try await hellos.first { if case .hello = $0 { true } else { nil } }
        await gateway.approveSurface(surface.id)

        await ask(gateway, "device.info", title: "what it is: device.info")
        let list = await ask(gateway, "camera.list", title: "its cameras: camera.list")
        let ids = (try? list.payload())?["devices"]?.array?.compactMap { $0["id"]?.string } ?? []
        for id in ids {
            let params = String(decoding: try JSON.encode(["deviceId": id]), as: UTF8.self)
            await ask(gateway, "camera.snap", params, title: "a picture: camera.snap \(id)")
            await ask(gateway, "camera.snap", params, title: "another one, the camera being warm")
        }
        if ids.isEmpty { steps.add("no camera to take a picture with", .zero, succeeded: false) }
    }

    @discardableResult
    private func ask(
        _ gateway: PracticeGateway, _ command: String, _ params: String? = nil, title: String
    ) async -> InvokeResult {
        let began = loop.now
        let result = await gateway.invoke(command, params: params)
        // What carries no media is shown as it is.
        let picture = (try? result.media()) ?? nil
        let reply = result.isSuccess ? Self.shortened(result) : "\(result.outcome)"
        steps.add(
            title, result.roundTrip ?? (loop.now - began), reply: reply, picture: picture, succeeded: result.isSuccess)
        return result
    }

    /// The reply's JSON, with the media left out.
    private static func shortened(_ result: InvokeResult) -> String {
        guard let payload = try? result.payload(), let members = payload.object?.members else { return "" }
        let kept = members.map { member in
            member.key == "base64"
                ? JSONObject.Member(
                    key: member.key, value: .string("… \(member.value.string?.utf8.count ?? 0) characters"))
                : member
        }
        return JSONValue.object(JSONObject(kept)).text
    }

    private func report(_ gateway: PracticeGateway) throws {
        try StateFile.makeDirectory(Self.folder, mode: 0o755)
        let path = Self.folder + "/report.html"
        let page = Report(steps: steps.all, gateway: gateway.url).html
        try StateFile.write(path, Array(page.utf8), mode: 0o644, durable: false)
        for (number, picture) in steps.all.compactMap(\.picture).enumerated() {
            try StateFile.write("\(Self.folder)/picture-\(number + 1).jpg", picture, mode: 0o644, durable: false)
        }
        let failures = steps.all.count { !$0.succeeded }
        if failures > 0 {
            throw NodeProgram.Failure.failed("\(failures) of \(steps.all.count) steps failed; see \(path)")
        }
        Screen.say("\nreport: \(path)")
    }

    private func stayUp(_ gateway: PracticeGateway, _ node: NodeProgram) async throws {
        Screen.say(
            """

            The gateway stays up at \(gateway.url); its token is in \(node.tokenFile).
            The node's log is \(node.logFile). Ctrl-C ends both.
            """)
        try await OneShot().fired()
    }
}
