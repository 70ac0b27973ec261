import Glibc
import LinuxIO
import NodeMedia

/// A conversation with a sound server, from the first word on. One asks, or waits for what comes, at a time.
actor PulseConnection {
    enum Incoming: Sendable {
        case samples(stream: UInt32, [UInt8])
        case message(command: UInt32, tag: UInt32, [UInt8])
    }

    /// A server on the same machine answers at once; one that waits for its devices, soon.
    static let patience = Duration.seconds(5)
    /// More than any server sends at once (PA_FRAME_SIZE_MAX_ALLOW).
    private static let longestFrame = 16 << 20
    /// Length, stream, an offset in two parts, flags.
    private static let headerLength = 20

    nonisolated let server: String
    private nonisolated let socket: StreamSocket
    private let loop: EventLoop
    private var input: [UInt8] = []
    /// What came while an answer was waited for.
    private var waiting: [Incoming] = []
    private var lastTag: UInt32 = 0

    private init(_ socket: StreamSocket, server: String, on loop: EventLoop) {
        self.socket = socket
        self.server = server
        self.loop = loop
    }

    deinit { socket.close() }

    /// Nil when nobody listens.
    static func open(_ server: PulseServer, on loop: EventLoop) async throws(SoundError) -> PulseConnection? {
        for path in server.sockets {
            guard let socket = try connect(path, loop) else { continue }
            let connection = PulseConnection(socket, server: path, on: loop)
            let cookie = await onOwnThread("sound") { server.cookie() }
            _ = try await connection.ask(.authenticate) { message in
                message.add(PulseCommand.version)
                message.add(arbitrary: cookie)
            }
            _ = try await connection.ask(.setClientName) { $0.add(properties: ["application.name": "clawnode"]) }
            return connection
        }
        return nil
    }

    private static func connect(_ path: String, _ loop: EventLoop) throws(SoundError) -> StreamSocket? {
        do throws(Errno) { return try StreamSocket.connect(to: path, on: loop) } catch {
            switch error.code {
            case ENOENT, ENOTDIR, ECONNREFUSED: return nil
            case EACCES, EPERM: throw permission(path)
            default: throw .failed(path, reason: "\(error)")
            }
        }
    }

    private static func permission(_ path: String) -> SoundError {
        let user = User.own.name
        // The server of a whole machine has a group for it (pulseaudio(1)); one of a session serves whose session it is.
        let remedy =
            path.hasPrefix("/run/pulse/")
            ? "run `sudo usermod -aG pulse-access \(user)` and start the node again"
            : "it is another user's; run the node as that user, or remove \(path) for \(user)"
        return .permission("the sound server at \(path)", remedy: remedy)
    }

    nonisolated func close() {
        socket.close()
    }

    /// The answer to a request; what comes before it waits for `next`.
    func ask(
        _ command: PulseCommand, _ write: @Sendable (inout PulseWriter) -> Void = { _ in }
    ) async throws(SoundError) -> PulseReader {
        let tag = try await send(command, write)
        let end = loop.now + Self.patience
        while true {
            let incoming = try await next(until: end)
            guard case .message(let answer, tag, let body) = incoming else {
                waiting.append(incoming)
                continue
            }
            var reader = PulseReader(body[...])
            if answer == PulseCommand.reply.rawValue { return reader }
            // Nothing else has our tag.
            throw refused(by: (try? reader.number()) ?? 0)
        }
    }

    /// Sends a request whose answer comes by `next`, and gives the tag that it will have.
    func send(
        _ command: PulseCommand, _ write: @Sendable (inout PulseWriter) -> Void = { _ in }
    ) async throws(SoundError) -> UInt32 {
        lastTag += 1
        var message = PulseWriter()
        message.add(command.rawValue)
        message.add(lastTag)
        write(&message)
        var header = PulseWriter()
        for word in [UInt32(message.bytes.count), PulseCommand.none, 0, 0, 0] { header.addBare(word) }
        let tag = lastTag
        try await send(header.bytes + message.bytes)
        return tag
    }

    /// What comes next. Throws `failed` when nothing does.
    func next() async throws(SoundError) -> Incoming {
        if !waiting.isEmpty { return waiting.removeFirst() }
        return try await next(until: loop.now + Self.patience)
    }

    private func next(until end: ContinuousClock.Instant) async throws(SoundError) -> Incoming {
        let left = loop.now.duration(to: end)
        // Of one that always says something, something is always there first.
        let result = left > .zero ? await loop.within(left) { await self.received() } : nil
        guard let result else {
            if Task.isCancelled { throw .cancelled }
            throw .failed(server, reason: "it has not answered for \(Self.patience); start it again")
        }
        return try result.get()
    }

    private func received() async -> Result<Incoming, SoundError> {
        do throws(SoundError) {
            while true {
                if let incoming = try taken() { return .success(incoming) }
                try await fill()
            }
        } catch { return .failure(error) }
    }

    private func fill() async throws(SoundError) {
        do {
            let piece = try await socket.next()
            if piece.isEmpty { throw SoundError.gone(server) }
            input += piece
        } catch { throw translated(error) }
    }

    /// A server lets who has no cookie in by whose process it is.
    private func send(_ bytes: [UInt8]) async throws(SoundError) {
        do {
            var rest = bytes[...]
            while !rest.isEmpty {
                let written = try rest.withUnsafeBytes { try socket.writeWithCredentials($0) }
                if let written { rest = rest.dropFirst(written) } else { _ = try await socket.wait(for: .write) }
            }
        } catch { throw translated(error) }
    }

    private func translated(_ error: any Error) -> SoundError {
        switch error {
        case let error as SoundError: error
        case is CancellationError: .cancelled
        case let error as Errno where error.isPeerGone: .gone(server)
        default: .failed(server, reason: "\(error)")
        }
    }

    /// The first whole frame of what has come.
    private func taken() throws(SoundError) -> Incoming? {
        guard input.count >= Self.headerLength else { return nil }
        func word(_ index: Int) -> UInt32 { input[(4 * index)..<(4 * index + 4)].reduce(0) { $0 << 8 | UInt32($1) } }
        let length = Int(word(0))
        guard length <= Self.longestFrame else { throw malformed }
        let end = Self.headerLength + length
        guard input.count >= end else { return nil }
        let stream = word(1)
        let body = Array(input[Self.headerLength..<end])
        input.removeFirst(end)
        if stream != PulseCommand.none { return .samples(stream: stream, body) }
        var reader = PulseReader(body[...])
        do throws(PulseFlaw) {
            let command = try reader.number()
            let tag = try reader.number()
            return .message(command: command, tag: tag, Array(reader.rest))
        } catch { throw malformed }
    }

    nonisolated var malformed: SoundError { .failed(server, reason: "it does not speak PulseAudio's protocol") }

    private func refused(by code: UInt32) -> SoundError {
        switch PulseRefusal(rawValue: code) {
        case .access: Self.permission(server)
        case .connectionTerminated, .killed: .gone(server)
        case .busy: .busy(server)
        case .noEntity: .noSource
        case nil: .failed(server, reason: "it refuses (code \(code))")
        }
    }
}
