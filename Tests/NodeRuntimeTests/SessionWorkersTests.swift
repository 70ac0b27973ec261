import DBus
import Glibc
import LinuxIO
import NodeCore
import NodeTesting
import Testing
import Worker

@testable import NodeRuntime

/// Workers that dial in, which are processes of other users and of another language (`Tests/Peers/session_worker.py`).
@Suite("SessionWorkers", .timeLimit(.minutes(5))) struct SessionWorkersTests {
    static let need: Comment = "needs root, who alone can be somebody else"
    /// Users without a name, whose processes root can start.
    static let ann: uid_t = 61_301
    static let bob: uid_t = 61_302

    struct Door: Sendable {
        let sessions: SessionWorkers
        let folder: ScratchFolder
        let loop: EventLoop
        let changes: AsyncStream<Void>

        /// Starts one, as another user where one is named.
        func visitor(_ manner: String, as user: uid_t? = nil) throws -> ChildProcess {
            let file = #filePath
            let project = file.firstRange(of: "/Tests/").map { String(file[..<$0.lowerBound]) } ?? "."
            // Who is somebody else may not read the project.
            let script = folder.file("worker.py")
            let text = try StateFile.read(project + "/Tests/Peers/session_worker.py")
            try StateFile.write(script, text, mode: 0o644, durable: false)
            var words = ["/usr/bin/python3", script, folder.file(SessionWorkers.socketName), manner]
            if let user {
                words = ["/usr/bin/setpriv", "--reuid=\(user)", "--regid=\(user)", "--clear-groups", "--"] + words
            }
            return try ChildProcess.spawn(words[0], arguments: Array(words.dropFirst()), on: loop)
        }

        /// Returns once `isMet`, which is looked at whenever something has changed.
        func status(_ isMet: ([SessionWorkers.Status]) -> Bool) async throws {
            if isMet(await sessions.status) { return }
            for await _ in changes where isMet(await sessions.status) { return }
            throw CancellationError()
        }

        func ask() async throws -> Reply {
            let host = try #require(await sessions.host())
            let invocation = Invocation(id: "1", command: "screen.list", payloadLimit: 1 << 20)
            let context = InvocationContext(
                id: "1", deadline: nil, payloadLimit: 1 << 20, timekeeper: loop, log: .silent)
            return await host.perform(invocation, context)
        }

        func answer() async throws -> String {
            switch try await ask().outcome {
            case .success(let text): String(decoding: text, as: UTF8.self)
            case .failure(let refusal): refusal.wireMessage
            }
        }
    }

    func open(
        to allowed: [String], variables: [String: String] = ["DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/nonexistent"],
        _ body: @escaping @Sendable (Door) async throws -> Void
    ) async throws {
        let folder = try ScratchFolder()
        try call { chmod(folder.path, 0o755) }
        try await onEventLoop { loop in
            let (changes, change) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
            let sessions = SessionWorkers(
                allowed, directory: folder.path, variables: variables, patience: .seconds(120), on: loop, log: .silent,
                changed: { change.yield() })
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try? await sessions.run()  // ends by cancellation
                    try await OneShot().fired()
                }
                // Before anybody dials.
                while access(folder.file(SessionWorkers.socketName), W_OK) != 0 {
                    try await loop.sleep(for: .milliseconds(10))
                }
                group.addTask {
                    try await body(Door(sessions: sessions, folder: folder, loop: loop, changes: changes))
                }
                try await group.next()
                group.cancelAll()
            }
        }
        #expect(access(folder.file(SessionWorkers.socketName), F_OK) != 0)
    }

    @Test("one who is allowed is asked and known, and when it goes nobody is there") func served() async throws {
        try await open(to: ["nobody-of-that-name", "\(geteuid())"]) { door in
            #expect(await door.sessions.host() == nil)
            let visitor = try door.visitor("serve")
            try await door.status { $0.map(\.uid) == [Int(geteuid())] }
            #expect(await door.sessions.status.first?.user == User(id: geteuid()).name)
            #expect(try await door.answer() == #"{"uid":\#(getuid())}"#)
            visitor.signal(SIGKILL)
            try await door.status { $0.isEmpty }
            #expect(await door.sessions.host() == nil)
            _ = try await visitor.wait()
        }
    }

    @Test("what one raises is told as its own word: short, a note, without a line to run") func hearsay() async throws {
        try await open(to: ["\(geteuid())"]) { door in
            let visitor = try door.visitor("serve")
            while await door.sessions.conditions.isEmpty { await Task.yield() }
            let condition = try #require(await door.sessions.conditions.first)
            #expect(condition.severity == .note && condition.remedy == nil && condition.summary.utf8.count < 300)
            #expect(condition.summary.hasPrefix("the session of \(User(id: geteuid()).name): xxx"))
            visitor.signal(SIGKILL)
            _ = try await visitor.wait()
        }
    }

    @Test(
        "who says nothing, speaks before it greets or gives orders is hung up on",
        arguments: ["mute", "early", "bossy"])
    func rude(manner: String) async throws {
        try await open(to: ["\(geteuid())"]) { door in
            #expect(try await door.visitor(manner).wait() == .exited(0))
            try await door.status { $0.isEmpty }
        }
    }

    @Test("an answer that is no JSON object is not passed on") func forged() async throws {
        try await open(to: ["\(geteuid())"]) { door in
            let visitor = try door.visitor("forger")
            try await door.status { !$0.isEmpty }
            #expect(try await door.answer().hasSuffix("answered what cannot be read; ask again"))
            visitor.signal(SIGKILL)
            _ = try await visitor.wait()
        }
    }

    @Test(
        "a file that no gateway would take is not taken either, nor a text that is no answer",
        arguments: ["giant", "wordy"])
    func giant(manner: String) async throws {
        try await open(to: ["\(geteuid())"]) { door in
            let visitor = try door.visitor(manner)
            try await door.status { !$0.isEmpty }
            #expect(try await door.answer().contains("(a message cannot be read: an attachment is too long)"))
            #expect(try await visitor.wait() == .exited(0))
        }
    }

    @Test("whose session ends before it has answered, that is said at once") func ended() async throws {
        try await open(to: ["\(geteuid())"]) { door in
            let visitor = try door.visitor("hold")
            try await door.status { !$0.isEmpty }
            async let reply = door.ask()
            let host = try #require(await door.sessions.host())
            while await host.status.running == 0 { await Task.yield() }
            visitor.signal(SIGKILL)
            let name = User(id: geteuid()).name
            guard case .failure(let refusal) = try await reply.outcome else { throw Errno(EINVAL) }
            #expect(
                refusal
                    == Refusal(
                        .unavailable,
                        "the session of \(name) ended before it had answered (its channel closed); ask again"))
            _ = try await visitor.wait()
        }
    }

    @Test("whose session ends before it has begun, that is said, and not that the node ends") func left() async throws {
        try await open(to: ["\(geteuid())"]) { door in
            let visitor = try door.visitor("leave")
            try await door.status { !$0.isEmpty }
            let name = User(id: geteuid()).name
            #expect(try await door.answer() == "UNAVAILABLE: the session of \(name) has ended; ask again")
            #expect(try await visitor.wait() == .exited(0))
        }
    }

    @Test("of one user no more than four are kept, and who is dismissed is hung up on") func flood() async throws {
        try await open(to: ["\(geteuid())"]) { door in
            let visitors = try (0..<4).map { _ in try door.visitor("serve") }
            try await door.status { $0.count == 4 }
            #expect(try await door.visitor("serve").wait() == .exited(0))
            #expect(await door.sessions.status.count == 4)
            await door.sessions.dismiss()
            for visitor in visitors { #expect(try await visitor.wait() == .exited(0)) }
            try await door.status { $0.isEmpty }
        }
    }

    @Test("who is not allowed is hung up on", .enabled(if: geteuid() == 0, SessionWorkersTests.need))
    func refused() async throws {
        try await open(to: ["\(Self.ann)"]) { door in
            for _ in 0..<3 { #expect(try await door.visitor("serve", as: Self.bob).wait() == .exited(0)) }
            #expect(await door.sessions.host() == nil)
            let visitor = try door.visitor("serve", as: Self.ann)
            try await door.status { $0.map(\.user) == ["\(Self.ann)"] }
            visitor.signal(SIGKILL)
            _ = try await visitor.wait()
        }
    }

    @Test(
        "of two users the one at the machine is asked, by logind's word, and without it the last to come",
        .enabled(if: geteuid() == 0, SessionWorkersTests.need))
    func active() async throws {
        try await onEventLoop { loop in
            let bus = try PrivateBus(on: loop)
            try await bus.start()
            try await Bus.with(BusAddress(socket: bus.socket), on: loop) { connection in
                let logind = try await MockLogind(on: bus, connection)
                for (id, user) in [("c7", Self.bob), ("c8", Self.ann)] { try await logind.addSession(id, of: user) }
                try await open(to: ["\(Self.ann)", "\(Self.bob)"], variables: bus.variables) { door in
                    let ann = try door.visitor("serve", as: Self.ann)
                    try await door.status { $0.map(\.session) == ["c8"] }
                    #expect(try await door.answer() == #"{"uid":\#(Self.ann)}"#)
                    let bob = try door.visitor("serve", as: Self.bob)
                    try await door.status { $0.map(\.session) == ["c8", "c7"] }
                    #expect(try await door.answer() == #"{"uid":\#(Self.ann)}"#)
                    await logind.process.end()
                    #expect(try await door.answer() == #"{"uid":\#(Self.bob)}"#)
                    for visitor in [ann, bob] {
                        visitor.signal(SIGKILL)
                        _ = try await visitor.wait()
                    }
                }
            }
            bus.stop()
        }
    }
}
