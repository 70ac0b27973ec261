import Glibc
import LinuxIO
import NodeScreen

/// A conversation with an X server on this machine. One asks at a time. What the server tells unasked waits for `takeEvents`.
actor X11Connection {
    enum Answer: Sendable {
        case reply(X11Data)
        /// By its code; see `X11Refusal`.
        case refused(UInt8)
    }

    /// For people.
    nonisolated let name: String
    nonisolated let setup: X11Setup
    private nonisolated let link: SessionLink
    /// Of the last request. A server tells the lower half of it.
    private var sequence: UInt16 = 0
    private var lastID: UInt32
    private var events: Set<UInt8> = []
    /// What it has refused of requests that have no reply.
    private var refused: UInt8?

    private init(_ link: SessionLink, _ setup: X11Setup) {
        name = link.name
        self.link = link
        self.setup = setup
        lastID = setup.firstID
    }

    deinit { link.close() }

    /// Nil when nobody listens at `path`.
    static func open(
        _ display: X11Display, at path: String, _ cookie: X11Cookie?, on loop: EventLoop
    ) async throws(ScreenError) -> X11Connection? {
        let name = "the X server \(display)"
        guard let link = try SessionLink.connect(path, name: name, on: loop) else { return nil }
        do throws(ScreenError) {
            try await link.send(X11Setup.request(cookie))
            let answer = try await link.inTime { () async throws(ScreenError) in try await link.setupAnswer() }
            let refusal: String?
            let setup: X11Setup?
            do throws(X11Flaw) {
                refusal = try X11Setup.refusal(answer)
                setup = refusal == nil ? try X11Setup(answer, screen: display.screen) : nil
            } catch { throw link.malformed }
            if let refusal { throw .x11Permission(name, refusal) }
            guard let setup else { throw .unsupported(name, reason: "it has no screen \(display.screen)") }
            return X11Connection(link, setup)
        } catch {
            link.close()
            throw error
        }
    }

    /// A name for something that we make there.
    func makeID() -> UInt32 {
        // Beyond the last there is none, which the server will say.
        defer { lastID &+= 1 }
        return lastID
    }

    /// The kinds of what was told since this was last called.
    func takeEvents() -> Set<UInt8> {
        defer { events = [] }
        return events
    }

    /// The answer to a request that has one.
    func ask(_ request: X11Request) async throws(ScreenError) -> Answer {
        try await send(request)
        return try await answer(to: sequence)
    }

    private func answer(to asked: UInt16) async throws(ScreenError) -> Answer {
        try await link.inTime { () async throws(ScreenError) in
            while true {
                if let answer = try await self.receive(asked) { return answer }
            }
        }
    }

    /// The next that the server says; nil when that is no answer to the request of that number.
    private func receive(_ asked: UInt16) async throws(ScreenError) -> Answer? {
        let data = try await link.packet()
        // Whichever part of it is missing, it is no answer.
        guard let number = try? UInt16(data.word(at: 2)) else { throw link.malformed }
        switch data.bytes[0] {
        case 0 where number == asked: return .refused(data.bytes[1])
        case 1 where number == asked: return .reply(data)
        case 0: refused = data.bytes[1]
        // To a question whose asker was cancelled.
        case 1: break
        // Sent by another client or by the server, which makes no difference.
        case let kind: events.insert(kind & 0x7F)
        }
        return nil
    }

    /// The reply to one, where anything else is a fault of the server.
    func reply(_ request: X11Request) async throws(ScreenError) -> X11Data {
        try await replies([request])[0]
    }

    /// Those to several. They are sent together, for each wait wakes two processes.
    func replies(_ requests: [X11Request]) async throws(ScreenError) -> [X11Data] {
        let before = sequence
        sequence &+= UInt16(requests.count)
        try await link.send(requests.flatMap(\.wire))
        var replies: [X11Data] = []
        for number in requests.indices {
            switch try await answer(to: before &+ UInt16(number + 1)) {
            case .reply(let data): replies.append(data)
            case .refused(let code): throw .failed(name, reason: "it refuses to answer (X error \(code))")
            }
        }
        return replies
    }

    /// Sends one that has no answer. What the server has against it shows in `perform` only.
    func send(_ request: X11Request, descriptor: CInt? = nil) async throws(ScreenError) {
        sequence &+= 1
        try await link.send(request.wire, descriptor: descriptor)
    }

    /// Sends one that has no answer, and waits until the server has done it; false when it refused.
    func perform(_ request: X11Request, descriptor: CInt? = nil) async throws(ScreenError) -> Bool {
        refused = nil
        try await send(request, descriptor: descriptor)
        // GetInputFocus: whatever has a reply.
        _ = try await reply(X11Request(43))
        return refused == nil
    }

    nonisolated var malformed: ScreenError { link.malformed }
}

extension ScreenError {
    /// A server lets in who has a cookie of its session, or who its user has named (Xsecurity(7)).
    fileprivate static func x11Permission(_ name: String, _ refusal: String) -> ScreenError {
        .permission(
            "\(name) (\(refusal.split(separator: "\n").first ?? "it says nothing"))",
            remedy: "run the node as the session's user, with its XAUTHORITY, or in that session: "
                + "xhost +si:localuser:\(User.own.name)")
    }
}
