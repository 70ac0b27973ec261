import NodeCore
import Testing

@testable import NodeDoctor
@testable import NodeRuntime

@Suite struct ScreenCheckTests {
    private func judge(_ reply: Reply, invitation: String? = nil) -> Finding {
        ScreenCheck.judge(reply, invitation: invitation, closerLook: "look")
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
        let machine = judge(reply, invitation: "come in")
        #expect(machine.verdict == .warning && machine.summary.hasPrefix("nothing is shown: the machine's own"))
        #expect(machine.remedy == "come in")
    }

    @Test(
        "the machine's own node is told how a session's worker gets in and comes; who is let in already only has to come"
    )
    func invited() throws {
        func invitation(_ state: String, _ users: [String]) throws -> String? {
            let surroundings = Surroundings(variables: ["STATE_DIRECTORY": state, "HOME": "/home/x"], isRoot: false)
            var configuration = try Configuration(
                ConfigurationSources(file: nil, options: [:], surroundings: surroundings), surroundings)
            configuration.sessionUsers = users
            return ScreenCheck.invitation(configuration)
        }
        let come = "systemctl --user enable --now clawnode-session"
        #expect(
            try invitation("/var/lib/clawnode", []) ?? "" == "put \"sessions\": {\"allow\": [\"USER\"]} into "
                + "/home/x/.config/clawnode/clawnode.json and then: sudo systemctl restart clawnode; as the desktop's user: \(come)"
        )
        #expect(try invitation("/var/lib/clawnode", ["ann"]) == "as the desktop's user: \(come)")
        #expect(try invitation("/home/x/state", []) == nil)
    }

    @Test("of a session whose worker has come it is told, and nobody else is asked") func come() async throws {
        try await Scene.run { scene in
            var status = Scene.now()
            status.sessions = [SessionWorkers.Status(user: "ann", uid: 1, session: nil, sinceMs: 0)]
            let daemon = try scene.daemon(status)
            let patient = try scene.patient(#"{"capabilities": {"screen": true}}"#)
            #expect(await ScreenCheck().findings(in: patient) == [.ok("screen.list", "shown by the session of ann")])
            withExtendedLifetime(daemon) {}
        }
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
