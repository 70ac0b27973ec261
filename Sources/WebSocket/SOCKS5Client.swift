import LinuxIO

/// Our side of a SOCKS5 conversation (RFC 1928, 1929) up to the open connection, fed with what the proxy says.
struct SOCKS5Client: Sendable {
    enum Step: Equatable, Sendable {
        /// So many bytes more, before anything can be said.
        case read(Int)
        /// And then `wanted` bytes.
        case send([UInt8])
        case open
    }

    private enum State {
        case method, authentication, replyHead, replyRest
    }

    private let host: String
    private let port: UInt16
    private let credentials: Proxy.Credentials?
    private var state = State.method

    /// Throws for what has no room in the protocol's fields.
    init(to host: String, port: UInt16, as credentials: Proxy.Credentials?) throws(ProxyFault) {
        guard host.utf8.count <= 255 else { throw .refused("names have at most 255 bytes there") }
        if let credentials {
            guard (1...255).contains(credentials.user.utf8.count), credentials.password.utf8.count <= 255 else {
                throw .credentials
            }
        }
        self.host = host
        self.port = port
        self.credentials = credentials
    }

    /// What is said first: no authentication, or by user and password as well.
    var greeting: [UInt8] { credentials == nil ? [5, 1, 0] : [5, 2, 0, 2] }

    /// Takes as many bytes as were wanted, and gives what is next.
    mutating func take(_ bytes: [UInt8]) throws(ProxyFault) -> Step {
        switch state {
        case .method:
            guard bytes.first == 5 else { throw .malformed("it does not speak SOCKS5") }
            switch (bytes[1], credentials) {
            case (0, _):
                state = .replyHead
                return .send(request)
            case (2, let credentials?):
                state = .authentication
                return .send([1] + Self.field(credentials.user) + Self.field(credentials.password))
            default: throw .credentials
            }
        case .authentication:
            guard bytes[1] == 0 else { throw .credentials }
            state = .replyHead
            return .send(request)
        case .replyHead:
            guard bytes[0] == 5 else { throw .malformed("it does not speak SOCKS5") }
            guard bytes[1] == 0 else { throw .refused(Self.words(bytes[1])) }
            state = .replyRest
            // The address that it uses, the fifth byte of which came with the head, and its port.
            switch bytes[3] {
            case 1: return .read(4 - 1 + 2)
            case 4: return .read(16 - 1 + 2)
            case 3: return .read(Int(bytes[4]) + 2)
            default: throw .malformed("an address of kind \(bytes[3])")
            }
        case .replyRest: return .open
        }
    }

    /// How many bytes answer what was said last, at least.
    var wanted: Int { state == .replyHead ? 5 : 2 }

    private var request: [UInt8] {
        let place: [UInt8]
        if let literal = SocketAddress.literal(host, port: port) {
            let bytes = literal.hostBytes
            place = [bytes.count == 4 ? 1 : 4] + bytes
        } else {
            place = [3] + Self.field(host)
        }
        return [5, 1, 0] + place + [UInt8(port >> 8), UInt8(port & 0xFF)]
    }

    private static func field(_ text: String) -> [UInt8] { [UInt8(text.utf8.count)] + Array(text.utf8) }

    private static func words(_ reply: UInt8) -> String {
        switch reply {
        case 1: "general failure"
        case 2: "its rules forbid it"
        case 3: "network unreachable"
        case 4: "host unreachable"
        case 5: "connection refused"
        case 6: "time to live expired"
        case 7: "it does not know CONNECT"
        case 8: "it does not know such addresses"
        default: "reply \(reply)"
        }
    }
}
