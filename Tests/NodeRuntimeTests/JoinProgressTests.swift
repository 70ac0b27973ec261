import Gateway
import NodeCore
import Testing

@testable import NodeRuntime

@Suite struct JoinProgressTests {
    let endpoint: GatewayEndpoint

    init() throws {
        endpoint = try GatewayEndpoint("ws://127.0.0.1:5")
    }

    func status(
        _ state: NodeStatus.State, _ conditions: [Condition] = [], url: String? = "ws://127.0.0.1:5", pid: Int = 1
    ) -> NodeStatus {
        var status = NodeStatus(pid: pid, startedAtMs: 7)
        status.state = state
        status.conditions = conditions
        status.gateway = url.map { NodeStatus.GatewayStatus(url: $0) }
        return status
    }

    func progress(outdated: NodeStatus? = nil) -> JoinProgress {
        JoinProgress(joining: [endpoint], of: .machine, outdated: outdated) { .nobody(pid: $0) }
    }

    let approval = Condition(
        id: "device-approval", severity: .warning, summary: "approve this", remedy: "openclaw devices approve R")

    @Test("what the operator must do is said once, with its line, until the gateway has let us in") func approvals() {
        var progress = progress()
        #expect(progress.take(.told(status(.notJoined, url: nil)), at: .now) == JoinProgress.Step())
        let waiting = progress.take(.told(status(.approval, [approval])), at: .now)
        let line = "do, where the gateway runs: openclaw devices approve R"
        #expect(waiting == JoinProgress.Step(say: ["approve this\n  " + line]))
        #expect(progress.take(.told(status(.connecting, [approval])), at: .now) == JoinProgress.Step())
        #expect(progress.take(.told(status(.connected)), at: .now) == JoinProgress.Step(ending: .connected))
    }

    @Test("what the gateway's configuration has to allow is said before what is to be approved, once") func allowList()
    {
        var status = status(.approval, [approval])
        status.declared = NodeStatus.Declared(commands: ["device.info", "system.notify"], asked: [])
        var progress = progress()
        let step = progress.take(.told(status), at: .now)
        #expect(step.say.count == 2 && step.say[0].contains("allow: [\"device.info\"]"))
        #expect(step.say[1].hasPrefix("approve this"))
        #expect(progress.take(.told(status), at: .now) == JoinProgress.Step())
        // What was asked for is allowed.
        status.declared.asked = ["device.info"]
        #expect(JoinProgress.advice(on: status.declared, release: "2026.11.2").isEmpty)
    }

    @Test(
        "a gateway that knows no such list, or has not answered yet, is not said to need one",
        arguments: [(NodeStatus.State.approval, "goclaw"), (.connected, "goclaw"), (.connecting, nil), (.waiting, nil)]
            as [(NodeStatus.State, String?)])
    func noAllowList(_ state: NodeStatus.State, _ dialect: String?) {
        var status = status(state)
        status.gateway?.dialect = dialect
        status.declared = NodeStatus.Declared(commands: ["device.info"], asked: [])
        var progress = progress()
        #expect(progress.take(.told(status), at: .now).say.isEmpty)
    }

    @Test("how it stands fits into a line, and tells when the gateway is asked again") func standing() {
        var waiting = status(.approval)
        waiting.retryAtMs = 14_500
        let line = JoinProgress.standing(.told(waiting), now: 10_000)
        #expect(line == "waiting for the gateway's operator to approve this device; asked again in 5 s")
        #expect(JoinProgress.standing(.told(waiting), now: 99_000).hasSuffix("in 0 s"))
        #expect(JoinProgress.standing(.absent, now: 0) == "waiting for the daemon")
        #expect(JoinProgress.standing(.told(status(.connected)), now: 0) == "connected")
    }

    @Test("a connected daemon's conditions are said before the end, and do not spoil it") func conditionsAtTheEnd() {
        var progress = progress()
        let note = Condition(id: "surface-approval", severity: .note, summary: "commands may wait")
        #expect(
            progress.take(.told(status(.connected, [note])), at: .now)
                == JoinProgress.Step(say: ["commands may wait"], ending: .connected))
    }

    @Test(
        "what waiting does not mend ends the waiting",
        arguments: [
            ("credentials", .refused), ("identity", .refused), ("pairing-rejected", .refused),
            ("protocol", .unsuitable), ("certificate", .unsuitable), ("gateway-scheme", .unsuitable),
            ("bootstrap-token", .badCode),
            ("rate-limit", nil), ("gateway-unreachable", nil), ("device-approval", nil),
        ] as [(String, JoinProgress.Ending?)])
    func endings(id: String, ending: JoinProgress.Ending?) {
        var progress = progress()
        let condition = Condition(id: id, severity: .error, summary: "it is so", remedy: "do that")
        #expect(
            progress.take(.told(status(.waiting, [condition])), at: .now)
                == JoinProgress.Step(say: ["it is so\n  do: do that"], ending: ending))
    }

    @Test("a daemon is no witness until it has begun anew") func anew() {
        let old = status(.waiting, [Condition(id: "credentials", severity: .error, summary: "old token")])
        var progress = progress(outdated: old)
        #expect(progress.take(.told(old), at: .now) == JoinProgress.Step())
        var anew = old
        anew.startedAtMs += 1
        #expect(progress.take(.told(anew), at: .now).ending == .refused)
    }

    @Test("one of another version does not by itself, and is no witness before its restart") func outdated() {
        var old = status(.waiting, [Condition(id: "credentials", severity: .error, summary: "old token")])
        old.version = "0.0.1"
        var progress = progress(outdated: old)
        #expect(
            progress.take(.told(old), at: .now)
                == JoinProgress.Step(
                    say: [
                        "The daemon does not know of this yet. Restart it: "
                            + "kill 1, then as it was started, like: clawnode run"
                    ]))
        #expect(progress.take(.told(old), at: .now) == JoinProgress.Step())
        #expect(progress.take(.told(status(.connected, pid: 2)), at: .now).ending == .connected)
    }

    @Test("another gateway's news are not ours") func other() {
        var progress = progress()
        let step = progress.take(.told(status(.connected, [approval], url: "wss://other:1")), at: .now)
        #expect(step.ending == nil)
        #expect(step.say.count == 1 && step.say[0].hasPrefix("The daemon serves wss://other:1"))
    }

    @Test(
        "a daemon that goes is said to be gone once it has not come back for a while, one that has not come yet never")
    func presence() {
        var progress = progress()
        let start = ContinuousClock.now
        #expect(progress.take(.absent, at: start) == JoinProgress.Step())
        #expect(progress.take(.absent, at: start + .seconds(60)) == JoinProgress.Step())
        _ = progress.take(.told(status(.connecting)), at: start + .seconds(61))
        // As systemd restarts it: away, there without a word yet, back.
        for second in 70...78 { #expect(progress.take(.absent, at: start + .seconds(second)) == JoinProgress.Step()) }
        #expect(progress.take(.untold(path: "/run/x"), at: start + .seconds(79)) == JoinProgress.Step())
        _ = progress.take(.told(status(.connecting)), at: start + .seconds(80))
        #expect(progress.take(.absent, at: start + .seconds(81)) == JoinProgress.Step())
        #expect(
            progress.take(.absent, at: start + .seconds(91)).say
                == ["The daemon has stopped. Start it: sudo systemctl start clawnode"])
        #expect(progress.take(.absent, at: start + .seconds(92)) == JoinProgress.Step())
    }

    @Test("a daemon that tells nothing here may tell it elsewhere, which is said after a while") func untold() {
        var progress = progress()
        let start = ContinuousClock.now
        #expect(progress.take(.untold(path: "/run/x"), at: start) == JoinProgress.Step())
        #expect(progress.take(.untold(path: "/run/x"), at: start + .seconds(10)).say.first?.contains("/run/x") == true)
    }
}
