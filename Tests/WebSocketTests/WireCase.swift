import Testing

@testable import WebSocket

/// Bytes of a peer, and what RFC 6455 says has to become of them: stated from the text, never from what our code does.
///
/// The table of them follows the categories of the Autobahn test suite, by its numbers. Its 8 and 11 are empty; 12 and 13
/// test a compression that is never negotiated here, so all that is left of them is to refuse what it would send.
struct WireCase: Sendable, CustomStringConvertible {
    struct Refusal: Equatable, Sendable {
        let code: CloseCode
        /// The number of bytes after which it is clear that the rest cannot mend it.
        let after: Int
    }

    /// Where wsproto decides otherwise, with good reason.
    enum Difference: Sendable {
        /// It leaves limits to its user (RFC 6455 §10.4 asks for them without saying where).
        case noLimit
        /// It knows the codes of its year; 1014 has been registered since (§7.4.2, §11.7).
        case laterCode
        /// It decodes with Python, which sees a surrogate one byte behind the one that shows it.
        case laterByte
    }

    let category: String
    let name: String
    /// Where the RFC says so.
    let section: String
    /// Our own, so the peer's is the other.
    let role: WebSocketRole
    let limit: Int
    let bytes: [UInt8]
    let events: [FrameDecoder.Event]
    let refusal: Refusal?
    let difference: Difference?

    var description: String { "\(category) \(name), as \(role) (\(section))" }

    /// What we answer: a pong to each ping (§5.5.2), the close frame's code back (§5.5.1), a refusal's code (§7.1.7).
    var answers: [Answer] {
        let toEvents = events.compactMap { event -> Answer? in
            switch event {
            case .ping(let payload): .pong(payload)
            case .close(let frame): .close(frame.code)
            case .message, .pong: nil
            }
        }
        return toEvents + (refusal.map { [.close($0.code)] } ?? [])
    }

    enum Answer: Equatable, Sendable {
        case pong([UInt8])
        case close(CloseCode)
    }

    static let all = [WebSocketRole.client, .server].flatMap { CaseTable(for: $0).cases }

    /// Of each category the first, the last and some between.
    static let sample: [WireCase] = {
        let categories = Dictionary(grouping: all) { (wire: WireCase) in "\(wire.category) \(wire.role)" }
        return categories.values.flatMap { (cases: [WireCase]) -> [WireCase] in
            let step = max(5, cases.count / 20)
            return cases.indices.filter { $0 % step == 0 || $0 == cases.count - 1 }.map { cases[$0] }
        }
    }()
}

/// Collects the cases of one role.
struct CaseTable {
    typealias Event = FrameDecoder.Event

    let role: WebSocketRole
    private(set) var cases: [WireCase] = []
    private var category = ""
    private var section = ""
    /// Bytes a message may have.
    var limit = 16 << 20
    /// Of the headers of all frames with at most 125 bytes.
    let headSize: Int

    init(for role: WebSocketRole) {
        self.role = role
        headSize = role == .server ? 6 : 2
        addFraming()
        addControls()
        addReservedBits()
        addOpcodes()
        addFragmentation()
        addText()
        addClosing()
        addMasking()
        addLengths()
        addLimits()
    }

    mutating func begin(_ category: String, _ section: String) {
        (self.category, self.section) = (category, section)
    }

    mutating func accept(
        _ name: String, _ bytes: [UInt8], _ events: [Event], but difference: WireCase.Difference? = nil
    ) {
        cases.append(
            WireCase(
                category: category, name: name, section: section, role: role, limit: limit, bytes: bytes,
                events: events,
                refusal: nil, difference: difference))
    }

    /// A case in which `wrong`, behind `before`, is refused after so many of its bytes. A good message follows, which must
    /// not be delivered.
    mutating func refuse(
        _ name: String, after good: [UInt8] = [], giving events: [Event] = [], _ wrong: [UInt8], at offset: Int,
        _ code: CloseCode = .protocolError, but difference: WireCase.Difference? = nil
    ) {
        precondition((1...wrong.count).contains(offset))
        let refusal = WireCase.Refusal(code: code, after: good.count + offset)
        cases.append(
            WireCase(
                category: category, name: name, section: section, role: role, limit: limit,
                bytes: good + wrong + frame(0x81, Array("late".utf8)), events: events, refusal: refusal,
                difference: difference))
    }

    // MARK: Writing frames

    /// A good one, whose first byte is `first`.
    func frame(_ first: UInt8, _ payload: [UInt8] = []) -> [UInt8] {
        WebSocketTests.frame(first, payload, to: role)
    }

    func frame(_ first: UInt8, _ payload: [UInt8], lengthBytes: [UInt8]) -> [UInt8] {
        WebSocketTests.frame(first, payload, to: role, lengthBytes: lengthBytes)
    }

    /// One message in a frame for each piece, `between` standing between all of them.
    func fragments(_ opcode: UInt8, _ pieces: [[UInt8]], between: [UInt8] = []) -> [UInt8] {
        var bytes: [UInt8] = []
        for (number, piece) in pieces.enumerated() {
            let isLast = number == pieces.count - 1
            bytes += frame((number == 0 ? opcode : 0) | (isLast ? 0x80 : 0), piece)
            if !isLast { bytes += between }
        }
        return bytes
    }

    static func text(_ text: String) -> Event { .message(.text(Array(text.utf8))) }
}

/// Pieces of `size` bytes, the last one shorter.
func cut(_ bytes: [UInt8], into size: Int) -> [[UInt8]] {
    stride(from: 0, to: bytes.count, by: size).map { Array(bytes[$0..<min($0 + size, bytes.count)]) }
}
