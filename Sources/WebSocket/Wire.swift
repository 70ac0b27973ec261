import LinuxIO
import NodeCrypto

/// The bytes of one connection, through TLS or not, and those of them that the kernel has not taken yet.
///
/// `@unchecked`: one task has it while the connection is made; afterwards it is used under the connection's lock only.
final class Wire: @unchecked Sendable {
    let socket: StreamSocket
    private let tls: TLSSession?
    private var unsent = ByteQueue()
    /// With TLS only: what is to be encrypted.
    private var plain = ByteQueue()
    private var ciphertext: [UInt8]

    /// What reading came to.
    enum Read {
        /// The number of plain bytes, 0 at the end.
        case bytes(Int)
        /// Nothing is there.
        case nothing
        /// There may be more, and what came was TLS's own. A peer can send such things without end: others go first.
        case more
    }

    /// What TLS wants to have said in answer may lie around until the peer reads it; more is for nobody's good.
    private static let mostUnsent = 1 << 20

    init(_ socket: StreamSocket, tls: TLSSession?) {
        self.socket = socket
        self.tls = tls
        ciphertext = tls == nil ? [] : [UInt8](repeating: 0, count: 32 << 10)
    }

    /// Of the peer's certificate, once TLS stands.
    var certificateDaysLeft: Int? { tls?.peerDaysLeft }

    var pinnedCertificate: PeerCertificate? { tls?.pinnedCertificate }

    var unsentCount: Int { unsent.count + (tls?.outgoingCount ?? 0) }

    /// Appends what `write` puts into the queue. What `write` throws is thrown, and nothing was appended then.
    func append(_ write: (inout ByteQueue) throws(WebSocketError) -> Void) throws(WebSocketError) {
        guard let tls else { return try write(&unsent) }
        defer { plain.removeAll() }
        try write(&plain)
        let result: Result<Void, TLSError> = plain.withBytes { bytes in
            do throws(TLSError) { return .success(try tls.write(bytes)) } catch { return .failure(error) }
        }
        if case .failure(let error) = result { throw .tls(error) }
        takeCiphertext()
    }

    func append(_ bytes: [UInt8]) throws(WebSocketError) {
        try append { queue in bytes.withUnsafeBytes { queue.append($0) } }
    }

    /// Gives the kernel what it takes; true when nothing is left. Throws `.lost`.
    func flush() throws(WebSocketError) -> Bool {
        takeCiphertext()
        while unsent.count > 0 {
            let result: Result<Int?, Errno> = unsent.withBytes { bytes in
                do throws(Errno) { return .success(try socket.write(bytes)) } catch { return .failure(error) }
            }
            switch result {
            case .success(let count?): unsent.removeFirst(count)
            case .success(nil): return false
            case .failure(let error): throw .lost(error)
            }
        }
        return true
    }

    /// Throws `.lost` or `.tls`.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(WebSocketError) -> Read {
        guard let tls else { return try readSocket(into: buffer).map { .bytes($0) } ?? .nothing }
        // A second look: of a record that comes in two pieces, the second may be there by then.
        for _ in 0..<2 {
            do throws(TLSError) {
                if let count = try tls.read(into: buffer) { return .bytes(count) }
            } catch { throw .tls(error) }
            guard let count = try receiveCiphertext(tls) else { return .nothing }
            if count == 0 { return .bytes(0) }
        }
        try answerOverhead()
        return .more
    }

    func read(into buffer: inout [UInt8]) throws(WebSocketError) -> Read {
        // withUnsafeMutableBytes passes on untyped errors only.
        let result: Result<Read, WebSocketError> = buffer.withUnsafeMutableBytes { bytes in
            do throws(WebSocketError) { return .success(try read(into: bytes)) } catch { return .failure(error) }
        }
        return try result.get()
    }

    /// How far a TLS handshake has come.
    enum Progress {
        case done
        /// The peer is to say something.
        case waiting
        /// The peer has said something, which was not enough: others go first.
        case more
    }

    /// Goes on with the TLS handshake as far as what has come allows; done as well when there is no TLS. After a refused pin
    /// nothing more is sent, after any other failure the alert that tells the peer why.
    func shakeHands() throws(WebSocketError) -> Progress {
        guard let tls else { return .done }
        do throws(TLSError) {
            if try tls.handshake() { return .done }
            _ = try? flush()  // A peer that is gone is noticed by reading, with the better error.
            guard let count = try receiveForHandshake(tls) else { return .waiting }
            if count == 0 { throw .protocolFailure("the connection ended during the handshake") }
            return .more
        } catch {
            if case .pinMismatch = error { throw .tls(error) }
            _ = try? flush()  // The alert is a courtesy.
            throw .tls(error)
        }
    }

    /// Sends what TLS answers to what is its own, as far as the peer takes it.
    private func answerOverhead() throws(WebSocketError) {
        _ = try? flush()  // A peer that is gone is noticed by reading, with the better error.
        if unsent.count > Self.mostUnsent {
            throw .tls(.protocolFailure("the peer asks and asks, and does not read the answers"))
        }
    }

    /// Says that nothing more will come, as far as that can be said without waiting, and closes.
    func close() {
        tls?.shutdown()
        _ = try? flush()  // The peer has our close frame already; this is TLS's own farewell.
        socket.shutdownWrite()
        socket.close()
    }

    private func receiveForHandshake(_ tls: TLSSession) throws(TLSError) -> Int? {
        do throws(WebSocketError) { return try receiveCiphertext(tls) } catch {
            if case .tls(let error) = error { throw error }
            throw .protocolFailure("\(error)")
        }
    }

    private func receiveCiphertext(_ tls: TLSSession) throws(WebSocketError) -> Int? {
        let result: Result<Int?, WebSocketError> = ciphertext.withUnsafeMutableBytes { buffer in
            do throws(WebSocketError) {
                guard let count = try readSocket(into: buffer) else { return .success(nil) }
                let received = UnsafeRawBufferPointer(rebasing: buffer[..<count])
                do throws(TLSError) { try tls.receive(received) } catch { throw .tls(error) }
                return .success(count)
            } catch { return .failure(error) }
        }
        return try result.get()
    }

    private func readSocket(into buffer: UnsafeMutableRawBufferPointer) throws(WebSocketError) -> Int? {
        do throws(Errno) { return try socket.read(into: buffer) } catch { throw .lost(error) }
    }

    private func takeCiphertext() {
        guard let tls else { return }
        let count = tls.outgoingCount
        guard count > 0 else { return }
        unsent.append(count) { _ = tls.takeOutgoing(into: $0) }
    }
}
