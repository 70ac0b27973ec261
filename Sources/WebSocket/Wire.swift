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

    init(_ socket: StreamSocket, tls: TLSSession?) {
        self.socket = socket
        self.tls = tls
        ciphertext = tls == nil ? [] : [UInt8](repeating: 0, count: 32 << 10)
    }

    /// Of the peer's certificate, once TLS stands.
    var certificateDaysLeft: Int? { tls?.peerDaysLeft }

    var pinnedCertificate: PeerCertificate? { tls?.pinnedCertificate }

    var unsentCount: Int { unsent.count }

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

    /// The number of plain bytes, 0 at the end, nil when none are there yet. Throws `.lost` or `.tls`.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(WebSocketError) -> Int? {
        guard let tls else { return try readSocket(into: buffer) }
        while true {
            do throws(TLSError) {
                if let count = try tls.read(into: buffer) { return count }
            } catch { throw .tls(error) }
            guard let count = try receiveCiphertext(tls) else { return nil }
            if count == 0 { return 0 }
        }
    }

    func read(into buffer: inout [UInt8]) throws(WebSocketError) -> Int? {
        // withUnsafeMutableBytes passes on untyped errors only.
        let result: Result<Int?, WebSocketError> = buffer.withUnsafeMutableBytes { bytes in
            do throws(WebSocketError) { return .success(try read(into: bytes)) } catch { return .failure(error) }
        }
        return try result.get()
    }

    /// Goes on with the TLS handshake as far as what has come allows; true when it is over, or there is no TLS. After a
    /// refused pin nothing more is sent, after any other failure the alert that tells the peer why.
    func shakeHands() throws(WebSocketError) -> Bool {
        guard let tls else { return true }
        do throws(TLSError) {
            while try !tls.handshake() {
                _ = try? flush()  // A peer that is gone is noticed by reading, with the better error.
                guard let count = try receiveForHandshake(tls) else { return false }
                if count == 0 { throw .protocolFailure("the connection ended during the handshake") }
            }
        } catch {
            if case .pinMismatch = error { throw .tls(error) }
            _ = try? flush()  // The alert is a courtesy.
            throw .tls(error)
        }
        return true
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
