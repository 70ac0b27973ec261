import NodeCore
import Testing

@testable import NodeRuntime

@Suite struct StatusReportTests {
    static let now = 1_795_280_000_000

    func lines(_ status: NodeStatus, width: Int? = nil, isColoured: Bool = false) -> [String] {
        StatusReport(
            status, now: Self.now, processAge: .seconds(90_061),
            on: StatusReport.Paper(width: width, isColoured: isColoured)
        ).lines
    }

    var connected: NodeStatus {
        var status = NodeStatus(pid: 7, startedAtMs: 0)
        status.version = "1.2.3"
        status.state = .connected
        status.deviceId = "d1"
        status.gateway = NodeStatus.GatewayStatus(url: "wss://g:1", serverVersion: "2026.7.2", protocolVersion: 4)
        status.connectedAtMs = Self.now - 200_000
        status.reconnects = 2
        status.approvals = NodeStatus.Approvals(device: .approved, surface: .approved)
        status.declared = NodeStatus.Declared(
            caps: ["device", "camera"], commands: ["device.info", "camera.snap"], asked: ["camera.snap"])
        status.invocations.total = 3
        status.invocations.outcomes = ["ok": 2, "UNAVAILABLE": 1]
        status.invocations.recent = [
            NodeStatus.Invocation(
                atMs: Self.now - 400, command: "camera.snap", outcome: "ok", durationMs: 123.4, bytes: 245_760),
            NodeStatus.Invocation(
                atMs: Self.now - 61_000, command: "device.info", outcome: "UNAVAILABLE", durationMs: 1.23, bytes: nil),
        ]
        return status
    }

    @Test("a connected node is told in a few lines") func whole() {
        let lines = lines(connected)
        #expect(lines[0] == "connected  clawnode 1.2.3")
        #expect(lines[1] == "gateway      wss://g:1 (2026.7.2, protocol 4)")
        #expect(
            lines[2].hasPrefix("             connected for 3 min 20 s, since 20")
                && lines[2].hasSuffix("; 2 reconnects"))
        #expect(
            lines[3...] == [
                "process      7, runs for 1 day 1 h", "device       d1",
                "approvals    device approved, commands approved",
                "offers       device.info camera.snap", "             not asked for since the start: device.info",
                "             only where the gateway's configuration allows it: device.info",
                "invocations  3: 2 ok, 1 UNAVAILABLE", "   just now  camera.snap  ok           123 ms    240.0 KiB",
                "  1 min ago  device.info  UNAVAILABLE  1.2 ms  undelivered",
            ])
    }

    @Test("sessions are told where some may come: who is there, or that nobody is") func sessions() {
        var status = connected
        #expect(!lines(status).contains { $0.hasPrefix("session") })
        status.sessions = []
        #expect(lines(status).contains { $0.hasPrefix("session      none: nobody of those allowed is logged in") })
        status.sessions = [SessionWorkers.Status(user: "ann", uid: 1000, session: "2", sinceMs: Self.now)]
        #expect(lines(status).contains { $0.hasPrefix("session      ann (1000): session 2, since 20") })
    }

    @Test("what is known of a gateway that has not let us in is told, and nothing of what it could not serve")
    func unserved() {
        var status = connected
        status.state = .approval
        status.gateway = NodeStatus.GatewayStatus(url: "wss://g:1", dialect: "goclaw")
        #expect(lines(status).contains("gateway      wss://g:1 (GoClaw)"))
        status.gateway?.dialect = nil
        #expect(lines(status).contains("gateway      wss://g:1"))
        #expect(lines(status).contains { $0.contains("configuration allows") })
        status.conditions = [Condition(id: "protocol", severity: .error, summary: "it speaks JSON-RPC")]
        #expect(!lines(status).contains { $0.contains("configuration allows") })
    }

    @Test("a GoClaw gateway is named as one, and is not said to have to allow each command") func goclaw() {
        var status = connected
        status.gateway?.dialect = "goclaw"
        let lines = lines(status)
        #expect(lines[1] == "gateway      wss://g:1 (GoClaw 2026.7.2, protocol 4)")
        #expect(!lines.contains { $0.contains("only where") })
    }

    @Test("what is wrong comes first, the worst of it before the rest, with lines that can be copied") func conditions()
    {
        var status = NodeStatus(pid: 7, startedAtMs: 0)
        status.state = .waiting
        status.retryAtMs = Self.now + 12_000
        status.gateway = NodeStatus.GatewayStatus(url: "wss://g:1")
        let remedy = "clawnode join wss://g:1 --tls-fingerprint " + String(repeating: "ab", count: 32)
        status.conditions = [
            Condition(id: "n", severity: .note, summary: "a note"),
            Condition(
                id: "e", severity: .error,
                summary: "the certificate of wss://g:1 is not the pinned one, so nothing was sent",
                remedy: remedy),
        ]
        let lines = lines(status, width: 50)
        #expect(
            lines[1...5] == [
                "error        the certificate of wss://g:1 is not", "             the pinned one, so nothing was sent",
                "             do: " + remedy, "note         a note", "gateway      wss://g:1",
            ])
        #expect(lines[6] == "             next attempt in 12 s")
    }

    @Test("no line but those that are to be copied is wider than the terminal", arguments: [80, 132]) func width(
        columns: Int
    ) {
        var status = connected
        status.declared.commands = (1...40).map { "family.command\($0)" }
        status.declared.asked = []
        status.invocations.recent = [
            NodeStatus.Invocation(
                atMs: Self.now - 86_400_000 * 23, command: String(repeating: "c", count: 512),
                outcome: String(repeating: "O", count: 99), durationMs: 12_345.6, bytes: nil)
        ]
        #expect(lines(status, width: columns).allSatisfy { $0.count <= columns })
    }

    @Test("what others sent cannot move the cursor, colours or not", arguments: [false, true]) func control(
        isColoured: Bool
    ) {
        let evil = "x\u{1B}[2J\r\n\u{9B}1m"
        var status = connected
        status.version = evil
        status.gateway = NodeStatus.GatewayStatus(url: evil, serverVersion: evil, protocolVersion: 4)
        status.invocations.recent[0].command = evil
        status.invocations.recent[0].outcome = evil
        status.invocations.outcomes = [evil: 1]
        status.declared.commands = [evil]
        status.conditions = [Condition(id: "c", severity: .error, summary: "s", remedy: evil)]
        let text = lines(status, isColoured: isColoured).joined()
            .replacing("\u{1B}[32mconnected\u{1B}[0m", with: "").replacing("\u{1B}[31merror\u{1B}[0m", with: "")
        #expect(!text.unicodeScalars.contains { $0.properties.generalCategory == .control })
    }

    @Test("what had to be switched on is told of where the last ten do not show it") func usage() {
        var status = connected
        let old = NodeStatus.Invocation(
            atMs: Self.now - 7_300_000, command: "camera.snap", outcome: "ok", durationMs: 20_000, bytes: 2_000_000)
        status.usage = [
            NodeStatus.Usage(
                capability: "camera", count: 2, bytes: 2_245_760, recent: [status.invocations.recent[0], old])
        ]
        #expect(
            lines(status).suffix(2) == [
                "camera       used 2 times, 2.1 MiB sent, last just now", "  2 h ago  camera.snap  ok  20.0 s  1.9 MiB",
            ])
    }

    @Test("an older daemon's status is told without what it does not know") func older() {
        var status = NodeStatus(pid: 7, startedAtMs: 0)
        status.invocations = NodeStatus.Invocations(total: 5, refused: 1, outcomes: nil, recent: [])
        #expect(lines(status).last == "invocations  5: 1 refused")
    }

    @Test("odd times are told oddly, and nothing worse", arguments: [Int.min, -1, Int.max]) func oddTimes(time: Int) {
        var status = connected
        status.startedAtMs = time
        status.connectedAtMs = time
        status.retryAtMs = time
        status.invocations.recent[0].atMs = time
        status.invocations.recent[0].durationMs = Double(time)
        status.invocations.recent[0].bytes = time
        #expect(StatusReport(status, now: Self.now).lines.count == lines(status).count)
    }

    @Test(
        "a time is told by its two largest units",
        arguments: [
            (-5, "0 s"), (999, "0 s"), (59_999, "59 s"), (60_000, "1 min"), (61_000, "1 min 1 s"), (3_600_000, "1 h"),
            (3_661_000, "1 h 1 min"), (86_400_000, "1 day"), (86_460_000, "1 day"), (180_000_000, "2 days 2 h"),
        ])
    func spans(milliseconds: Int, text: String) {
        #expect(StatusReport.span(milliseconds) == text)
    }
}
