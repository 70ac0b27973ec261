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
        JoinProgress(joining: [endpoint], outdated: outdated) { .nobody(pid: $0) }
    }

    let approval = Condition(
        id: "device-approval", severity: .warning, summary: "approve this", remedy: "openclaw devices approve R")

    @Test("what the operator must do is said once, with its line, until the gateway has let us in") func approvals() {
        var progress = progress()
        #expect(progress.take(.told(status(.notJoined, url: nil))) == JoinProgress.Step())
        let waiting = progress.take(.told(status(.approval, [approval])))
        #expect(waiting == JoinProgress.Step(say: ["approve this\n  do: openclaw devices approve R"]))
        #expect(progress.take(.told(status(.connecting, [approval]))) == JoinProgress.Step())
        #expect(progress.take(.told(status(.connected))) == JoinProgress.Step(ending: .connected))
    }

    @Test("what the gateway's configuration has to allow is said before what is to be approved, once") func allowList()
    {
        var status = status(.approval, [approval])
        status.declared = NodeStatus.Declared(commands: ["device.info", "system.notify"], asked: [])
        var progress = progress()
        let step = progress.take(.told(status))
        #expect(step.say.count == 2 && step.say[0].contains("allow: [\"device.info\"]"))
        #expect(step.say[1].hasPrefix("approve this"))
        #expect(progress.take(.told(status)) == JoinProgress.Step())
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
        #expect(progress.take(.told(status)).say.isEmpty)
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
            progress.take(.told(status(.connected, [note])))
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
            progress.take(.told(status(.waiting, [condition])))
                == JoinProgress.Step(say: ["it is so\n  do: do that"], ending: ending))
    }

    @Test("a daemon that does not see the change is no witness, the one after its restart is") func outdated() {
        let old = status(.waiting, [Condition(id: "credentials", severity: .error, summary: "old token")])
        var progress = progress(outdated: old)
        #expect(
            progress.take(.told(old))
                == JoinProgress.Step(
                    say: [
                        "The daemon does not know of this yet. Restart it: "
                            + "kill 1, then as it was started, like: clawnode run"
                    ]))
        #expect(progress.take(.told(old)) == JoinProgress.Step())
        #expect(progress.take(.told(status(.connected, pid: 2))).ending == .connected)
    }

    @Test("another gateway's news are not ours") func other() {
        var progress = progress()
        let step = progress.take(.told(status(.connected, [approval], url: "wss://other:1")))
        #expect(step.ending == nil)
        #expect(step.say.count == 1 && step.say[0].hasPrefix("The daemon serves wss://other:1"))
    }

    @Test("a daemon that goes is said to be gone, one that has not come yet is waited for") func presence() {
        var progress = progress()
        #expect(progress.take(.absent) == JoinProgress.Step())
        #expect(progress.take(.untold(path: "/run/x")).say.first?.contains("/run/x") == true)
        _ = progress.take(.told(status(.connecting)))
        #expect(progress.take(.absent).say == ["The daemon has stopped. Start it: clawnode run"])
    }
}
