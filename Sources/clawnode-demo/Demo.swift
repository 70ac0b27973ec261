import Glibc
import LinuxIO
import NodeCore
import NodeCrypto
import PracticeGateway

/// A gateway, a node, an operator and a curious agent, all on this machine.
struct Demo: Sendable {
    private let loop: EventLoop
    private let keepsRunning: Bool
    private let folder: ReportFolder
    private let scratch: ScratchFolder
    private let token = Hexadecimal.text(SecureRandom.bytes(16))
    private let steps = StepList()
    /// Fires when the report stands.
    private let isShown = OneShot()

    init(on loop: EventLoop, keepsRunning: Bool) throws {
        self.loop = loop
        self.keepsRunning = keepsRunning
        folder = try ReportFolder()
        scratch = try ScratchFolder()
    }

    /// The program's exit status.
    func run() async throws -> Int32 {
        let signals = try SignalListener([SIGINT, SIGTERM], on: loop)
        let node = try NodeProgram(scratch: scratch.path, on: loop)
        try StateFile.write(node.tokenFile, Array((token + "\n").utf8), durable: false)
        var options = PracticeOptions(release: .newest)
        options.authentication = .token(token)
        options.allowedCommands = Report.allowedCommands
        let gateway = try PracticeGateway(options, on: loop)
        let status = try await withThrowingTaskGroup(of: Int32?.self) { group in
            group.addTask {
                await gateway.run()
                return nil
            }
            group.addTask {
                let signal = try await signals.next()
                return isShown.hasFired ? 0 : 128 + signal
            }
            group.addTask { try await perform(gateway, node) }
            while let result = try await group.next() {
                guard let result else { continue }
                group.cancelAll()
                return result
            }
            return 1
        }
        // What failed is looked into; what succeeded or was interrupted leaves nothing but the report.
        if status != 1 { Directory.remove(scratch.path) }
        return status
    }

    private func perform(_ gateway: PracticeGateway, _ node: NodeProgram) async throws -> Int32 {
        let desktop = try await steps.run("look for a screen") {
            let desktop = try await Desktop.find(scratch: scratch.path, on: loop)
            let remark = desktop.map {
                $0.display.map { "None found: the node shows \($0), a server without hardware." }
            }
            return (desktop, remark ?? "None found, and none can be made: apt install xvfb x11-apps")
        }
        return try await Companion.whileThere(desktop?.programs ?? [], on: loop) {
            let sound = try await steps.run("look for a microphone") { () -> (SoundServer?, String?) in
                if try await node.findsMicrophone() { return (nil, nil) }
                let server = try await SoundServer.start(scratch: scratch.path, on: loop)
                return (
                    server,
                    server.map { _ in
                        "None found: the node hears a server without hardware, which hums as fast as it is heard."
                    }
                )
            }
            return try await Companion.whileThere(sound.map { [$0.program] } ?? [], on: loop) {
                try await perform(gateway, node, desktop, sound)
            }
        }
    }

    private func perform(
        _ gateway: PracticeGateway, _ node: NodeProgram, _ desktop: Desktop?, _ sound: SoundServer?
    ) async throws -> Int32 {
        let hasCamera = try await steps.run("look for cameras") {
            let found = try await node.findsCamera()
            return (found, found ? nil : "None found: the node draws a test picture instead.")
        }
        let began = loop.now
        let daemon = try node.serve(
            gateway: gateway.url, withPattern: !hasCamera, display: desktop?.display, sound: sound?.address)
        let ending: Ending
        do {
            ending = try await withThrowingTaskGroup(of: Ending.self) { group in
                group.addTask {
                    _ = try await daemon.wait()
                    return .nodeEnded
                }
                group.addTask {
                    try await show(gateway, since: began, hasScreen: desktop != nil)
                    guard try report(gateway) else { return .failed }
                    isShown.fire()
                    if keepsRunning { try await stayUp(gateway, node) }
                    return .shown
                }
                group.addTask {
                    try await loop.sleep(for: .seconds(60))
                    // From the report on, who runs it says how long it lasts.
                    if isShown.hasFired { try await OneShot().fired() }
                    return .tookTooLong
                }
                // With the show over, the daemon goes; on its way out it still needs the gateway.
                defer { daemon.signal(SIGTERM) }
                let first = try await group.next() ?? .failed
                group.cancelAll()
                return first
            }
        } catch {
            // Interrupted: what is still written would stay behind.
            await daemon.end()
            throw error
        }
        if ending != .nodeEnded { _ = try await daemon.wait() }
        for breach in gateway.violations { Screen.complain("against the protocol: \(breach)") }
        guard ending == .shown, gateway.violations.isEmpty else {
            Screen.complain("\(ending.rawValue) The node's last words, from \(node.logFile):\n\(node.lastWords)")
            return 1
        }
        return 0
    }

    private enum Ending: String {
        case shown = "It broke the protocol."
        case failed = "It did not go as it should."
        case nodeEnded = "The node ended."
        case tookTooLong = "It took more than a minute."
    }

    /// What an operator does, and then what an agent asks.
    private func show(
        _ gateway: PracticeGateway, since began: ContinuousClock.Instant, hasScreen: Bool
    ) async throws {
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
        await ask(gateway, "device.health", title: "how it is: device.health")
        await ask(gateway, "location.get", title: "a place, the demo's own unless a receiver knows: location.get")
        let list = await ask(gateway, "camera.list", title: "its cameras: camera.list")
        let ids = (try? list.payload())?["devices"]?.array?.compactMap { $0["id"]?.string } ?? []
        for id in ids {
            let params = String(decoding: try JSON.encode(["deviceId": id]), as: UTF8.self)
            await ask(gateway, "camera.snap", params, title: "a picture: camera.snap \(id)")
            await ask(gateway, "camera.snap", params, title: "another one, the camera being warm")
        }
        if let id = ids.first {
            let name = String(decoding: JSON.quoted(id), as: UTF8.self)
            let params = "{\"deviceId\": \(name), \"durationMs\": 2000, \"includeAudio\": false}"
            await ask(
                gateway, "camera.clip", params, title: "two seconds of it: camera.clip \(id)", mayLack: "an encoder")
        }
        if hasScreen {
            await ask(gateway, "screen.snapshot", title: "its screen: screen.snapshot")
            await ask(
                gateway, "screen.record", "{\"durationMs\": 3000, \"includeAudio\": false}",
                title: "three seconds of it: screen.record", mayLack: "an encoder")
        }
        await ask(
            gateway, "audio.record", "{\"durationMs\": 1000}", title: "a second of sound: audio.record",
            mayLack: "no microphone found")
        if ids.isEmpty { steps.add("no camera to take a picture with", .zero, succeeded: false) }
    }

    /// `mayLack`: words of a refusal that is as good as an answer, for a machine that lacks the device or the package.
    @discardableResult
    private func ask(
        _ gateway: PracticeGateway, _ command: String, _ params: String? = nil, title: String, mayLack: String? = nil
    ) async -> InvokeResult {
        let began = loop.now
        let result = await gateway.invoke(command, params: params)
        // What carries no media is shown as it is.
        let bytes = (try? result.media()) ?? nil
        let format = (try? result.payload())?["format"]?.string ?? ""
        var lacking: String?
        if case .failed(_, let message) = result.outcome, let mayLack, message.contains(mayLack) { lacking = message }
        let (reply, succeeded) =
            switch result.outcome {
            case .succeeded: (Self.shortened(result), true)
            default: (lacking ?? "\(result.outcome)", lacking != nil)
            }
        steps.add(
            title, result.roundTrip ?? (loop.now - began), reply: reply,
            media: bytes.flatMap { Media(format: format, $0) }, succeeded: succeeded, isLacking: lacking != nil)
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
        return JSONValue.object(JSONObject(kept)).indented()
    }

    /// Writes the report and the pictures; false when a step failed.
    private func report(_ gateway: PracticeGateway) throws -> Bool {
        let page = Report(steps: steps.all, gateway: gateway.url).html
        try folder.write("report.html", Array(page.utf8))
        let media = steps.all.compactMap(\.media)
        for kind in [Media.Kind.picture, .clip, .sound] {
            for (number, file) in media.filter({ $0.kind == kind }).enumerated() {
                try folder.write("\(kind)-\(number + 1).\(file.format)", file.bytes)
            }
        }
        let failures = steps.all.count { !$0.succeeded }
        Screen.say("\nreport: \(ReportFolder.name)/report.html")
        if failures > 0 { Screen.complain("\(failures) of \(steps.all.count) steps failed") }
        return failures == 0
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
