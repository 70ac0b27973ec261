import NodeCore
import Testing

@testable import NodeDoctor

@Suite struct ScreenCheckTests {
    private func judge(_ reply: Reply, _ owner: NodeOwner = .user) -> Finding {
        ScreenCheck.judge(reply, owner, closerLook: "look")
    }

    @Test("screens are told with their indices and sizes") func listed() {
        let screen = #"{"index":0,"name":"HDMI-1","width":1920,"height":1080,"main":true}"#
        let reply = Reply(outcome: .success(Array(#"{"screens":[\#(screen)]}"#.utf8)))
        #expect(judge(reply) == .ok("screen.list", "0 is HDMI-1 (1920×1080)"))
    }

    @Test("where nobody is logged in it is said that the console is seen") func console() {
        let screen = #"{"index":0,"name":"fb0","width":1280,"height":800,"main":true}"#
        let reply = Reply(outcome: .success(Array(#"{"screens":[\#(screen)]}"#.utf8)))
        #expect(judge(reply) == .ok("screen.list", "no desktop, but the console: 0 is fb0 (1280×800)"))
    }

    @Test("where nothing is shown it is said who would see something") func none() {
        let reply = Reply.refused(Refusal(.invalidRequest, "nothing is shown; log in"))
        #expect(judge(reply) == .warning("screen.list", "nothing is shown", remedy: "log in"))
        let machine = judge(reply, .machine)
        #expect(machine.verdict == .warning && machine.summary.hasPrefix("nothing is shown: the machine's own"))
        #expect(machine.remedy?.hasSuffix("systemctl --user enable --now clawnode") == true)
    }

    @Test("a session's refusal is told in its own words, and one of a worker that fails with where to look")
    func refused() {
        let denied = judge(.refused(Refusal(.permissionMissing, "no permission; run this")))
        #expect(denied == .warning("screen.list", "no permission", remedy: "run this"))
        let failed = judge(.refused(Refusal(.unavailable, "it ended; the next call starts one")))
        #expect(failed == .error("screen.list", "it ended; the next call starts one", remedy: "look"))
    }

    @Test("where screens are off nobody is asked") func off() async throws {
        try await Scene.run { scene in
            let finding = await ScreenCheck().findings(in: try scene.patient())["screen.list"]
            #expect(finding == .skipped("screen.list", "screen is off"))
        }
    }
}
