import Glibc
import LinuxIO
import NodeCore
import NodeCrypto
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
        case writeLimited(Duration)
        case pinged
    }

    let deeds = EventFeed<Deed>()
    private let arrivals = EventFeed<Arrival>()
    private let pongs = EventFeed<WebSocketError?>()

    private struct State {
        var reader: EventFeed<Arrival>.Reader
        var closeFrame: (code: CloseCode, reason: String)?
        var isOver = false
        var hold: OneShot?
        var pongReader: EventFeed<WebSocketError?>.Reader
    }

    private let state: Mutex<State>

    init() {
        state = Mutex(State(reader: arrivals.reader(), pongReader: pongs.reader()))
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

    func ping(_ payload: [UInt8], within limit: Duration) async throws(WebSocketError) {
        deeds.emit(.pinged)
        var reader = state.withLock { $0.pongReader }
        let failure: WebSocketError?
        do { failure = try await reader.next() } catch { throw .cancelled }
        let index = reader
        state.withLock { $0.pongReader = index }
        if let failure { throw failure }
    }

    func close(_ code: CloseCode, reason: String) async {
        state.withLock { $0.isOver = true }
        deeds.emit(.closed(code, reason))
    }

    func setMaxMessage(_ bytes: Int) {
        deeds.emit(.limited(bytes))
    }

    func setWriteLimit(_ limit: Duration) {
        deeds.emit(.writeLimited(limit))
    }

    var closeFrame: (code: CloseCode, reason: String)? { state.withLock { $0.closeFrame } }

    let pinnedCertificate: PeerCertificate? = nil

    let underWay = Mutex(0)

    var bytesUnderWay: Int { underWay.withLock { $0 } }

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

    func fail(_ error: WebSocketError = .lost(Errno(ECONNRESET))) {
        arrivals.emit(.failure(error))
    }

    /// Answers a ping; `.timedOut` stands for no answer.
    func pong(_ failure: WebSocketError? = nil) {
        pongs.emit(failure)
    }

    func close(_ code: UInt16, _ reason: String) {
        arrivals.emit(.close(CloseCode(rawValue: code), reason))
    }

    /// From now on nothing that is sent gets through until `released` fires.
    func hold(until released: OneShot) {
        state.withLock { $0.hold = released }
    }
}
