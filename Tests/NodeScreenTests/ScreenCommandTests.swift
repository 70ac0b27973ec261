import LinuxIO
import NodeCore
import NodeMedia
import NodeTesting
import Testing

@testable import NodeScreen

@Suite("Screen commands", .timeLimit(.minutes(1)))
struct ScreenCommandTests {
    private let encoder = NotingEncoder()
    private let microphone = NoMicrophone()

    private func ask(
        _ command: CommandName, _ params: String = "{}", _ drivers: [DrawnDriver] = [DrawnDriver()],
        coder: WrittenCoder = WrittenCoder()
    ) async throws -> (text: String, blob: [UInt8]) {
        let capability = capability(drivers, coder)
        return try await onEventLoop { try await capability.perform(command, params, on: $0) }
    }

    private func capability(_ drivers: [DrawnDriver], _ coder: WrittenCoder) -> Capability {
        ScreenCapability.capability(
            screen: WarmScreen(drivers: drivers, timekeeper: HandClock()), consoles: WrittenConsole(), encoder: coder,
            pngEncoder: coder, converter: coder, recorder: ClipRecorder(encoder: encoder, microphone: microphone))
    }

    private let two = DrawnDriver(shown: [
        ScreenOutput(name: "HDMI-2", x: 64, width: 32, height: 24, isMain: true),
        ScreenOutput(name: "HDMI-1", width: 64, height: 48),
    ])

    @Test("what is claimed is what is served") func commands() {
        #expect(capability([], WrittenCoder()).handlers.map(\.name) == ScreenCapability.commands)
        #expect(ScreenCapability.commands == ["screen.list", "screen.snapshot", "screen.record", "console.snapshot"])
    }

    @Test("the list tells the indices") func list() async throws {
        #expect(
            try await ask("screen.list", "{}", [two]).text
                == #"{"screens":[{"height":48,"index":0,"main":false,"name":"HDMI-1","width":64},"#
                + #"{"height":24,"index":1,"main":true,"name":"HDMI-2","width":32}]}"#)
    }

    @Test("a snapshot tells its size, its screen's and which there are, and has the file as base64")
    func snapshot() async throws {
        let reply = try await ask("screen.snapshot", #"{"screenIndex":1,"maxWidth":16}"#, [two])
        let parts = [
            #""format":"jpeg""#, #""screenIndex":1,"#, #""width":16}"#, #""height":24,"#, #""displayWidth":32,"#,
            #""displayHeight":24,"#, #""screens":[{"height":48,"index":0,"#, #""displayFrameId":""#,
            #""capturedAtMs":1"#,
        ]
        for part in parts { #expect(reply.text.contains(part)) }
        #expect(String(decoding: reply.blob, as: UTF8.self) == "jpeg 16 0.72")
        #expect(two.screen.opened == ["HDMI-2"])
    }

    @Test(
        "what is not said is usual, and what is beyond its range moves to the nearest bound",
        arguments: [
            ("{}", "jpeg 1600 0.72"), (#"{"format":"png"}"#, "png 900"), (#"{"format":"jpg"}"#, "jpeg 1600 0.72"),
            (#"{"quality":80}"#, "jpeg 1600 0.8"), (#"{"quality":0,"maxWidth":1}"#, "jpeg 1 0.05"),
            (#"{"maxWidth":0}"#, "jpeg 1600 0.72"),
            (#"{"executionId":"7e57"}"#, "jpeg 1600 0.72"),
        ])
    func snapshotParams(params: String, made: String) async throws {
        #expect(String(decoding: try await ask("screen.snapshot", params).blob, as: UTF8.self) == made)
    }

    @Test(
        "what cannot be meant is refused, with what could be",
        arguments: [
            ("screen.snapshot", #"{"screenIndex":2}"#, "no screen 2; screenIndex is one of: 0 (HDMI-1), 1 (HDMI-2)"),
            ("screen.snapshot", #"{"screenIndex":-1}"#, "no screen -1;"),
            ("screen.snapshot", #"{"screenIndex":1.5}"#, "params: screenIndex must be an integer"),
            ("screen.snapshot", #"{"screenIndex":99999999999999999999}"#, "params: screenIndex must be an integer"),
            ("screen.snapshot", #"{"format":"gif"}"#, "must be jpeg or png"),
            ("screen.record", #"{"screenIndex":2}"#, "screenIndex is one of: 0 (HDMI-1), 1 (HDMI-2)"),
            ("screen.record", #"{"screenIndex":1e308}"#, "params: screenIndex must be an integer"),
            ("screen.record", #"{"format":"webm"}"#, "screen format must be mp4"),
        ] as [(CommandName, String, String)])
    func wrongParams(command: CommandName, params: String, part: String) async throws {
        let text = try await ask(command, params, [two]).text
        #expect(text.hasPrefix("INVALID_REQUEST: ") && text.contains(part))
        #expect(two.screen.opened.isEmpty)
    }

    @Test("the first way that leads to a session is taken") func firstWay() async throws {
        var none = DrawnDriver()
        none.isThere = false
        #expect(try await ask("screen.list", "{}", [none, two, DrawnDriver()]).text.contains("HDMI-1"))
    }

    @Test("a session that cannot be looked at is not passed over") func failure() async throws {
        var closed = DrawnDriver()
        closed.failure = .permission("the X server :0", remedy: "do so")
        let text = try await ask("screen.snapshot", "{}", [closed, two]).text
        #expect(text == "PERMISSION_MISSING: no permission to look at the X server :0; do so")
    }

    @Test("where nothing is shown it is said what to do") func noSession() async throws {
        #expect(try await ask("screen.snapshot", "{}", []).text.contains("log in to a desktop"))
        let dark = DrawnDriver(shown: [])
        #expect(try await ask("screen.record", "{}", [dark]).text.contains("no screen that is switched on"))
    }

    @Test("a picture that cannot be made is refused") func unencodable() async throws {
        let coder = WrittenCoder(failure: .noLibrary("libpng", package: "libpng16-16"))
        let text = try await ask("screen.snapshot", #"{"format":"png"}"#, coder: coder).text
        #expect(text.contains("sudo apt install libpng16-16") && text.contains("jpeg"))
    }

    @Test("a recording tells what was asked for, and lasts as long as its frames say") func record() async throws {
        let reply = try await ask("screen.record", #"{"durationMs":300,"fps":20,"screenIndex":1}"#, [two])
        #expect(
            reply.text
                == #"{"durationMs":300,"format":"mp4","fps":20,"hasAudio":false,"screenIndex":1}"#)
        #expect(reply.blob == [1])
        #expect(encoder.plans.map(\.video?.width) == [32] && encoder.plans.map(\.video?.framesPerSecond) == [20])
        // Each counts: of a still desktop none may follow for long.
        #expect(encoder.dropped == 0)
        let times = encoder.frames.map { encoder.frames[0].duration(to: $0) }
        #expect(times == [.zero, .milliseconds(250)])
    }

    @Test(
        "the machine's sound is recorded unless it is not wanted",
        arguments: [("", 1), (#","includeAudio":true"#, 1), (#","includeAudio":false"#, 0)])
    func sound(wish: String, openings: Int) async throws {
        _ = try await ask("screen.record", "{\"durationMs\":250\(wish)}")
        #expect(microphone.openings == openings)
    }

    @Test("a withdrawn recording ends at once") func cancelled() async throws {
        let capability = capability([DrawnDriver()], WrittenCoder())
        let invocation = Invocation(id: "1", command: "screen.record", params: nil, payloadLimit: 25 << 20)
        let cancel = OneShot()
        async let over: Void = CommandRegistry(capability.handlers).perform(
            invocation, timekeeper: HandClock(), log: .silent, cancel: cancel
        ) { reply in
            guard case .failure(.cancelled) = reply.outcome, reply.blob == nil else {
                Issue.record("a recording")
                return
            }
        }
        try await encoder.fed.fired()
        cancel.fire()
        await over
    }

    @Test(
        "durations and rates out of range move to the nearest bound",
        arguments: [
            (#"{"durationMs":1,"fps":500}"#, 250, 30.0), (#"{"durationMs":1000000,"fps":0}"#, 60_000, 1.0),
            ("{}", 10_000, 10.0),
        ])
    func recordParams(params: String, milliseconds: Int, fps: Double) throws {
        let params = try JSON.decode(ScreenRecordParams.self, from: Array(params.utf8))
        #expect(params.duration == .milliseconds(milliseconds) && params.fps == fps && params.includeAudio)
    }

    @Test(
        "a console is named, or the one in front",
        arguments: [
            ("{}", 1, "login:"), (#"{"console":2}"#, 2, "2"),
        ] as [(String, Int, String)])
    func console(params: String, console: Int, line: String) async throws {
        #expect(
            try await ask("console.snapshot", params).text
                == #"{"columns":80,"console":\#(console),"cursorColumn":7,"cursorRow":0,"lines":["\#(line)"],"rows":1}"#
        )
    }

    @Test(
        "a console that is none is refused, with what could be",
        arguments: [
            (#"{"console":3}"#, "INVALID_REQUEST: no console 3; console is one of: 1, 2"),
            (#"{"console":"two"}"#, "INVALID_REQUEST: "),
            (#"{"console":1.5}"#, "INVALID_REQUEST: params: console must be an integer"),
        ])
    func noConsole(params: String, part: String) async throws {
        #expect(try await ask("console.snapshot", params).text.hasPrefix(part))
    }

    @Test("of a screen that goes meanwhile nothing is left") func goes() async throws {
        let driver = DrawnDriver()
        driver.screen.fail(.gone("DP-1"))
        let reply = try await ask("screen.record", #"{"durationMs":300}"#, [driver])
        #expect(reply.text.hasPrefix("UNAVAILABLE: DP-1 went away") && reply.blob.isEmpty)
    }
}
