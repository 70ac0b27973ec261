import LinuxIO
import NodeCore
import PracticeGateway
import Synchronization
import WebSocket

@testable import Gateway

/// A connection without a socket: the test is the gateway at its other end.
final class FakeTransport: Transport {
    enum Arrival: Sendable {
        case message(WebSocketMessage)
        case failure(WebSocketError)
        case close(CloseCode, String)
    }

    /// What the node did with the connection.
    enum Deed: Sendable {
        case sent(JSONValue)
        case closed(CloseCode, String)
        case limited(Int)
    }

    let deeds = EventFeed<Deed>()
    private let arrivals = EventFeed<Arrival>()

    private struct State {
        var reader: EventFeed<Arrival>.Reader
        var closeFrame: (code: CloseCode, reason: String)?
        var isOver = false
        var hold: OneShot?
    }

    private let state: Mutex<State>

    init() {
        state = Mutex(State(reader: arrivals.reader()))
    }

    // MARK: The node's side

    func receive() async throws(WebSocketError) -> WebSocketMessage? {
        var reader = state.withLock { $0.reader }
        let arrival: Arrival
        do { arrival = try await reader.next() } catch { throw .cancelled }
        let index = reader
        state.withLock { $0.reader = index }
        switch arrival {
        case .message(let message): return message
        case .failure(let error):
            state.withLock { $0.isOver = true }
            throw error
        case .close(let code, let reason):
            state.withLock { state in
                state.closeFrame = (code, reason)
                state.isOver = true
            }
            return nil
        }
    }

    func send(_ message: OutgoingMessage) async throws(WebSocketError) {
        do {
            try await state.withLock { $0.hold }?.fired()
            guard !state.withLock({ $0.isOver }) else { throw WebSocketError.lost(nil) }
            deeds.emit(.sent(try JSONReader.read(try message.wholeText())))
        } catch let error as WebSocketError {
            throw error
        } catch is CancellationError {
            throw .cancelled
        } catch { preconditionFailure("the node sent what is no JSON: \(error)") }
    }

    func close(_ code: CloseCode, reason: String) async {
        state.withLock { $0.isOver = true }
        deeds.emit(.closed(code, reason))
    }

    func setMaxMessage(_ bytes: Int) {
        deeds.emit(.limited(bytes))
    }

    var closeFrame: (code: CloseCode, reason: String)? { state.withLock { $0.closeFrame } }

    // MARK: The gateway's side

    func deliver(_ frame: JSONValue) {
        arrivals.emit(.message(.text(frame.bytes)))
    }

    func deliver(text: String) {
        arrivals.emit(.message(.text(text.bytes)))
    }

    func deliver(bytes: [UInt8]) {
        arrivals.emit(.message(.binary(bytes)))
    }

    func fail(_ error: WebSocketError = .lost(Errno(104))) {
        arrivals.emit(.failure(error))
    }

    func close(_ code: UInt16, _ reason: String) {
        arrivals.emit(.close(CloseCode(rawValue: code), reason))
    }

    /// From now on nothing that is sent gets through until `released` fires.
    func hold(until released: OneShot) {
        state.withLock { $0.hold = released }
    }
}

/// The gateway's reading of one fake connection.
struct Listener {
    let transport: FakeTransport
    private var reader: EventFeed<FakeTransport.Deed>.Reader

    init(_ transport: FakeTransport) {
        self.transport = transport
        reader = transport.deeds.reader()
    }

    mutating func frame() async throws -> JSONValue {
        try await reader.first { if case .sent(let frame) = $0 { frame } else { nil } }
    }

    /// The params of the next result.
    mutating func result() async throws -> JSONValue {
        try await reader.first {
            guard case .sent(let frame) = $0, frame["method"] == "node.invoke.result" else { return nil }
            return frame["params"]
        }
    }

    mutating func closed() async throws -> (code: CloseCode, reason: String) {
        try await reader.first { if case .closed(let code, let reason) = $0 { (code, reason) } else { nil } }
    }

    /// Sends the challenge and takes the node's `connect`: the id to answer to, and the params.
    mutating func connect() async throws -> (id: String, params: JSONValue) {
        transport.deliver(text: Samples.challenge)
        let frame = try await frame()
        return (frame["id"]?.string ?? "", frame["params"] ?? .null)
    }

    @discardableResult
    mutating func welcome(token: String? = nil, tickMs: Int = 30_000) async throws -> JSONValue {
        let (id, params) = try await connect()
        transport.deliver(Samples.hello(to: id, token: token, tickMs: tickMs))
        return params
    }

    @discardableResult
    mutating func refuse(_ error: JSONValue, close: (UInt16, String) = (1008, "")) async throws -> JSONValue {
        let (id, params) = try await connect()
        transport.deliver(Samples.refusal(to: id, error))
        transport.close(close.0, close.1)
        return params
    }
}

/// Where the fake connections come from.
final class FakeNetwork: Sendable {
    let connections = EventFeed<FakeTransport>()
    private let failures = Mutex<[WebSocketError]>([])

    /// What becomes of the next dials, before one succeeds.
    func fail(_ errors: WebSocketError...) {
        failures.withLock { $0 += errors }
    }

    @Sendable func dial() async throws(WebSocketError) -> any Transport {
        let failure = failures.withLock { $0.isEmpty ? nil : $0.removeFirst() }
        if let failure { throw failure }
        let transport = FakeTransport()
        connections.emit(transport)
        return transport
    }
}

/// Commands that do what a test wants, and tell when they are asked.
final class Household: Sendable {
    struct Call: Sendable {
        let command: String
        let id: String
        let params: String?
        let payloadLimit: Int
        /// The test answers through this.
        fileprivate let answer: EventFeed<Reply>

        func answer(_ reply: Reply) { answer.emit(reply) }
        func answer(_ json: String) { answer(Reply(outcome: .success(json.bytes))) }
    }

    let calls = EventFeed<Call>()
    /// The ids of calls that were cancelled.
    let cancelled = EventFeed<String>()

    /// `device.info` answers at once; `camera.snap` when the test says so, or when it is cancelled; `hang` only when the test
    /// says so, whatever is cancelled.
    var registry: CommandRegistry {
        CommandRegistry([
            Handler(name: "device.info") { _, _ in Reply(outcome: .success(#"{"name":"pi"}"#.bytes)) },
            Handler(name: "camera.snap") { [self] invocation, _ in await wait(invocation) },
            Handler(name: "hang") { [self] invocation, _ in
                // Not a child of the caller's, so that no cancellation reaches it, as none reaches a driver in the kernel.
                await Task.detached { [self] in await wait(invocation) }.value
            },
        ])
    }

    private func wait(_ invocation: Invocation) async -> Reply {
        let answers = EventFeed<Reply>()
        calls.emit(
            Call(
                command: invocation.command.text, id: invocation.id,
                params: invocation.params.map { String(decoding: $0, as: UTF8.self) },
                payloadLimit: invocation.payloadLimit, answer: answers))
        var reader = answers.reader()
        do { return try await reader.next() } catch {
            cancelled.emit(invocation.id)
            return .refused(.cancelled)
        }
    }
}
