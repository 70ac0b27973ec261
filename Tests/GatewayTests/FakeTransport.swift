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

    /// Nobody answers, and nobody waits for it.
    func ping(_ payload: [UInt8], within limit: Duration) async throws(WebSocketError) {
        throw .timedOut("the answer to a ping")
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
