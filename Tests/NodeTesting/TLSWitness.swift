import LinuxIO
import NodeCrypto

/// A TLS server that answers nothing, and tells what a client has sent it.
package final class TLSWitness: Sendable {
    package struct Testimony: Sendable {
        /// What was in the TLS, up to the first bytes; empty when the client left without any.
        package var request = ""
        /// Types of the TLS records as they came (RFC 8446 §5.1).
        package var records: Set<Record> = []
    }

    package enum Record: UInt8, Sendable {
        case changeCipherSpec = 20
        case alert, handshake, applicationData
    }

    package let port: UInt16
    private let certificate: SelfSignedCertificate
    private let listener: TCPListener

    package init(on loop: EventLoop) throws {
        certificate = try SelfSignedCertificate.make(hosts: ["127.0.0.1"])
        listener = try TCPListener(address: .loopback(port: 0), on: loop)
        port = listener.port
    }

    package var fingerprint: String { certificate.fingerprint }

    /// Serves the next client until it has said something or left.
    package func hear() async throws -> Testimony {
        let socket = try await listener.accept()
        defer { socket.close() }
        let session = try TLSSession(server: TLSServerContext(certificate: certificate))
        var testimony = Testimony()
        var wire: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            let count: Int?
            do {
                count = try buffer.withUnsafeMutableBytes { raw throws(Errno) in try socket.read(into: raw) }
            } catch {
                // It left without a word, which is its right.
                return testimony
            }
            guard let count else {
                _ = try await socket.wait(for: .read)
                continue
            }
            if count == 0 { return testimony }
            wire += buffer[..<count]
            testimony.records = Self.records(in: wire)
            try buffer.withUnsafeBytes { raw in try session.receive(UnsafeRawBufferPointer(rebasing: raw[..<count])) }
            if try session.handshake(),
                let said = try buffer.withUnsafeMutableBytes({ raw in try session.read(into: raw) })
            {
                testimony.request = String(decoding: buffer[..<said], as: UTF8.self)
                return testimony
            }
            // What is said in a handshake always fits the kernel's buffer.
            let reply = buffer.withUnsafeMutableBytes { raw in session.takeOutgoing(into: raw) }
            _ = try buffer.withUnsafeBytes { raw in try socket.write(UnsafeRawBufferPointer(rebasing: raw[..<reply])) }
        }
    }

    private static func records(in wire: [UInt8]) -> Set<Record> {
        var records: Set<Record> = []
        var rest = wire[...]
        // Type, two bytes of version, two of length.
        while rest.count >= 5, let type = Record(rawValue: rest[rest.startIndex]) {
            records.insert(type)
            rest = rest.dropFirst(5 + Int(rest[rest.startIndex + 3]) << 8 + Int(rest[rest.startIndex + 4]))
        }
        return records
    }
}
