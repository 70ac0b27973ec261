import DBus
import LinuxIO
import NodeCore
import NodeTesting
import Testing

@testable import NodeNotify

@Suite(.timeLimit(.minutes(5))) struct SystemNotifyTests {
    /// The reply of a machine whose session's bus does not answer, with so many terminals.
    private func reply(
        _ params: String, terminals: Int = 0, log: Log = .silent
    ) async throws -> (reply: Reply, shown: [Notice]) {
        try await onEventLoop { loop in
            let folder = try ScratchFolder()
            let bus = try SilentSocket(folder.file("bus"))
            defer { withExtendedLifetime((folder, bus)) {} }
            let (shown, show) = AsyncStream.makeStream(of: Notice.self)
            let desktop = DesktopNotices(address: BusAddress(socket: bus.path), loop: loop, limit: .milliseconds(20))
            let handler = Handler(
                SystemNotify(desktop: desktop) { notice in
                    if terminals > 0 { show.yield(notice) }
                    return terminals
                })
            let invocation = Invocation(
                id: "1", command: handler.name, params: Array(params.utf8), payloadLimit: 1 << 20)
            // The time stands still: what is looked for on a thread is found however late.
            let context = InvocationContext(
                id: "1", deadline: nil, payloadLimit: 1 << 20, timekeeper: HandClock(), log: log)
            let reply = await handler.perform(invocation, context)
            show.finish()
            return (reply, await shown.reduce(into: []) { $0.append($1) })
        }
    }

    private func text(_ reply: Reply) throws -> String { String(decoding: try reply.outcome.get(), as: UTF8.self) }

    @Test("where the bus hangs, the terminals have it") func terminals() async throws {
        let (reply, shown) = try await reply(#"{"title":"Door","body":"open","sound":"none"}"#, terminals: 2)
        #expect(try text(reply) == #"{"delivered":"wall","ok":true}"#)
        #expect(shown == [Notice(title: "Door", body: "open", isSilent: true)])
    }

    @Test("where nobody is, the journal keeps it, whatever the log's level is") func journal() async throws {
        let folder = try ScratchFolder()
        try await onEventLoop { loop in
            let journal = try NotifySocket(folder.file("journal"), on: loop)
            let log = Log(level: .error, format: .journal, journal: folder.file("journal"))
            let (reply, _) = try await reply(#"{"title":"Door","body":"a\nb","priority":"timeSensitive"}"#, log: log)
            #expect(try text(reply) == #"{"delivered":"journal","ok":true}"#)
            let entry = try JournalEntry(Array(try await journal.next().utf8))
            #expect(entry.fields["CLAWNODE_TITLE"] == "Door" && entry.fields["CLAWNODE_BODY"] == "a\nb")
            #expect(entry.fields["CLAWNODE_PRIORITY"] == "timeSensitive")
            #expect(entry.fields["MESSAGE_ID"] == MessageID.notification.rawValue)
            withExtendedLifetime(folder) {}
        }
    }

    @Test("where not even the log takes it, it is refused") func nowhere() async throws {
        let (reply, _) = try await reply(#"{"title":"Door"}"#, log: .silent)
        guard case .failure(let refusal) = reply.outcome else {
            Issue.record("not refused")
            return
        }
        #expect(refusal.code == "NOTIFICATIONS_UNAVAILABLE")
    }

    @Test(
        "params that say nothing, or what is not known, are refused",
        arguments: [
            ("{}", "empty notification"), (#"{"title":" ","body":"\u0007"}"#, "empty notification"),
            (#"{"title":"a","priority":"loud"}"#, "timeSensitive"), (#"{"title":7}"#, "title"),
            (#"{"title":"a","sound":7}"#, "sound"),
        ])
    func badParams(params: String, words: String) async throws {
        let (reply, shown) = try await reply(params, terminals: 1)
        guard case .failure(let refusal) = reply.outcome else {
            Issue.record("not refused")
            return
        }
        #expect(refusal.code == .invalidRequest && refusal.message.contains(words))
        #expect(shown.isEmpty)
    }

    @Test(
        "silence is asked for by a word, or as on Windows by a boolean",
        arguments: [
            ("\"off\"", true), ("\"Silent\"", true), ("false", true), ("true", false), ("\"bell\"", false),
            ("null", false),
        ])
    func sound(word: String, isSilent: Bool) async throws {
        let (_, shown) = try await reply(#"{"title":"a","delivery":"overlay","sound":\#(word)}"#, terminals: 1)
        #expect(shown.map(\.isSilent) == [isSilent])
    }
}
