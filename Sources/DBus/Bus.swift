import Glibc
import LinuxIO
import Synchronization

/// A connection to a message bus. It lasts as long as the `body` that it was made for.
package final class Bus: Sendable {
    private enum Call {
        case sent
        case answered(BusMessage)
        case awaited(CheckedContinuation<Result<BusMessage, BusError>, Never>)
    }

    private struct State {
        var lastSerial: UInt32 = 0
        var calls: [UInt32: Call] = [:]
        var listeners: [(rule: SignalRule, signals: AsyncStream<BusMessage>.Continuation)] = []
        var end: BusError?
    }

    /// The bus's own object.
    package static let name = "org.freedesktop.DBus"
    private static let path = "/org/freedesktop/DBus"

    /// As libdbus has it; a service may have to be started first.
    private static let patience = Duration.seconds(25)
    /// Signals that nobody has taken yet; those that come then are dropped.
    private static let backlog = 64

    private let socket: StreamSocket
    private let loop: EventLoop
    private let state = Mutex(State())
    private let sending = Turn()

    private init(_ socket: StreamSocket, on loop: EventLoop) {
        self.socket = socket
        self.loop = loop
    }

    /// Connects, says who we are, and ends the connection with `body`. Throws what `body` throws, or `BusError` as soon as the
    /// connection is lost.
    package static func with<R: Sendable>(
        _ address: BusAddress, on loop: EventLoop, _ body: @escaping @Sendable (Bus) async throws -> R
    ) async throws -> R {
        let bus = Bus(try await admitted(to: address, on: loop), on: loop)
        return try await withThrowingTaskGroup(of: R?.self) { group in
            group.addTask {
                let end = await bus.read()
                bus.finish(end)
                throw end
            }
            group.addTask {
                _ = try await bus.call(Bus.name, Bus.path, Bus.name, "Hello")
                return try await body(bus)
            }
            defer {
                group.cancelAll()
                bus.socket.close()
            }
            guard let result = try await group.next() ?? nil else { throw BusError.cancelled }
            return result
        }
    }

    // MARK: What is asked

    /// Calls a method and gives what it returns.
    package func call(
        _ destination: String, _ path: String, _ interface: String, _ member: String, _ arguments: [BusValue] = [],
        within limit: Duration = patience
    ) async throws(BusError) -> [BusValue] {
        var message = BusMessage(.call, serial: makeSerial())
        message.destination = destination
        message.path = path
        message.interface = interface
        message.member = member
        message.body = arguments
        let sent = message
        let answer = await loop.within(limit) { await self.answer(to: sent) }
        guard let answer else { throw Task.isCancelled ? .cancelled : .timedOut }
        let reply = try answer.get()
        guard reply.kind == .error else { return reply.body }
        let words = reply.body.first?.text ?? ""
        throw .refused(name: reply.errorName ?? "", message: words.isEmpty ? "no reason is given" : words)
    }

    /// The signals that meet `rule`, from now on; they end with the connection.
    package func signals(_ rule: SignalRule) async throws(BusError) -> AsyncStream<BusMessage> {
        let (stream, signals) = AsyncStream.makeStream(
            of: BusMessage.self, bufferingPolicy: .bufferingOldest(Self.backlog))
        let end = state.withLock { state in
            if state.end == nil { state.listeners.append((rule, signals)) }
            return state.end
        }
        if let end { throw end }
        _ = try await call(Self.name, Self.path, Self.name, "AddMatch", [.string(rule.text)])
        return stream
    }

    private func makeSerial() -> UInt32 {
        state.withLock { state in
            state.lastSerial &+= 1
            // Zero is none.
            if state.lastSerial == 0 { state.lastSerial = 1 }
            return state.lastSerial
        }
    }

    private func answer(to message: BusMessage) async -> Result<BusMessage, BusError> {
        let serial = message.serial
        state.withLock { $0.calls[serial] = .sent }
        defer { state.withLock { $0.calls[serial] = nil } }
        do throws(BusError) { try await send(message) } catch { return .failure(error) }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let outcome: Result<BusMessage, BusError>? = state.withLock { state in
                    if case .answered(let reply)? = state.calls[serial] { return .success(reply) }
                    // The flag is set before the handler below runs, so either sees what the other did.
                    if let end = state.end ?? (Task.isCancelled ? .cancelled : nil) { return .failure(end) }
                    state.calls[serial] = .awaited(continuation)
                    return nil
                }
                if let outcome { continuation.resume(returning: outcome) }
            }
        } onCancel: {
            let call = state.withLock { $0.calls.removeValue(forKey: serial) }
            if case .awaited(let continuation)? = call { continuation.resume(returning: .failure(.cancelled)) }
        }
    }

    // MARK: The wire

    private func send(_ message: BusMessage) async throws(BusError) {
        do { try await sending.take() } catch { throw .cancelled }
        defer { sending.leave() }
        // Half a message would make nonsense of the next: who is cancelled in between ends the connection.
        try await Self.write(message.bytes, to: socket)
    }

    private static func write(_ bytes: [UInt8], to socket: StreamSocket) async throws(BusError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let result = rest.withUnsafeBytes { bytes in Result { () throws(Errno) in try socket.write(bytes) } }
            let sent: Int?
            do throws(Errno) { sent = try result.get() } catch { throw .lost(error) }
            if let sent {
                rest = rest.dropFirst(sent)
                continue
            }
            do { _ = try await socket.wait(for: .write) } catch {
                if rest.count < bytes.count { socket.close() }
                throw .cancelled
            }
        }
    }

    /// Takes in what comes until nothing can come any more; gives the reason.
    private func read() async -> BusError {
        var stream = BusStream()
        do {
            while true {
                // A bus that never pauses holds up nobody else, and nobody who asks no more.
                await Task.yield()
                try Task.checkCancellation()
                if let message = try stream.next() {
                    try await take(message)
                } else if try await !Self.read(from: socket, { stream.append($0) }) {
                    return .lost(nil)
                }
            }
        } catch let error as BusError { return error } catch { return .cancelled }
    }

    /// Hands on the next bytes; false at the end. Throws `BusError`.
    private static func read(
        from socket: StreamSocket, _ body: (UnsafeRawBufferPointer) -> Void
    ) async throws -> Bool {
        while true {
            let result = withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 8) { buffer in
                Result { () throws(Errno) -> Int? in
                    let count = try socket.read(into: buffer)
                    if let count { body(UnsafeRawBufferPointer(rebasing: buffer[..<count])) }
                    return count
                }
            }
            switch result {
            case .success(let count?): return count > 0
            case .success(nil): _ = try await socket.wait(for: .read)
            case .failure(let error): throw BusError.lost(error)
            }
        }
    }

    private func take(_ message: BusMessage) async throws(BusError) {
        switch message.kind {
        case .reply, .error:
            guard let serial = message.replySerial else { return }
            let call = state.withLock { state in
                guard let call = state.calls[serial] else { return nil as Call? }
                state.calls[serial] = .answered(message)
                return call
            }
            if case .awaited(let continuation)? = call { continuation.resume(returning: .success(message)) }
        case .signal:
            for listener in state.withLock({ $0.listeners }) where listener.rule.isMet(by: message) {
                listener.signals.yield(message)
            }
        case .call:
            guard message.expectsReply, let sender = message.sender else { return }
            var reply = BusMessage(.error, serial: makeSerial())
            reply.expectsReply = false
            reply.destination = sender
            reply.replySerial = message.serial
            reply.errorName = "org.freedesktop.DBus.Error.UnknownMethod"
            reply.body = [.string("nothing is offered here")]
            try await send(reply)
        }
    }

    private func finish(_ end: BusError) {
        let (calls, listeners) = state.withLock { state in
            state.end = end
            defer {
                state.calls = [:]
                state.listeners = []
            }
            return (state.calls, state.listeners)
        }
        for case .awaited(let continuation) in calls.values { continuation.resume(returning: .failure(end)) }
        for listener in listeners { listener.signals.finish() }
    }

    // MARK: Being let in

    private static let admissionTime = Duration.seconds(10)

    private static func admitted(to address: BusAddress, on loop: EventLoop) async throws(BusError) -> StreamSocket {
        let socket: StreamSocket
        do throws(Errno) { socket = try StreamSocket.connect(to: address.socket, on: loop) } catch {
            throw .absent(address, error)
        }
        let result = await loop.within(admissionTime) { () async -> Result<Void, BusError> in
            do throws(BusError) { return .success(try await authenticate(socket)) } catch { return .failure(error) }
        }
        do throws(BusError) {
            guard let result else { throw Task.isCancelled ? .cancelled : .timedOut }
            try result.get()
        } catch {
            socket.close()
            throw error
        }
        return socket
    }

    /// The kernel tells the bus who we are; we say the same (D-Bus specification, EXTERNAL).
    private static func authenticate(_ socket: StreamSocket) async throws(BusError) {
        let user = String(geteuid()).utf8.map { String($0, radix: 16) }.joined()
        try await write([0] + Array("AUTH EXTERNAL \(user)\r\n".utf8), to: socket)
        var line: [UInt8] = []
        while line.last != UInt8(ascii: "\n") {
            guard line.count < 4096 else { throw .malformed("an endless line") }
            let isOpen: Bool
            do { isOpen = try await read(from: socket, { line += $0 }) } catch {
                throw error as? BusError ?? .cancelled
            }
            guard isOpen else { throw .lost(nil) }
        }
        let answer = String(decoding: line.dropLast(2), as: UTF8.self)
        guard answer.hasPrefix("OK ") else { throw .notAdmitted(answer) }
        try await write(Array("BEGIN\r\n".utf8), to: socket)
    }
}
