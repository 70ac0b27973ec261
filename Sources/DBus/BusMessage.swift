/// One message on a bus (D-Bus specification, Message Protocol).
package struct BusMessage: Equatable, Sendable {
    package enum Kind: UInt8, Sendable {
        case call = 1
        case reply, error, signal
    }

    package var kind: Kind
    package var serial: UInt32
    /// Of a call whose sender waits for an answer.
    package var expectsReply = true
    package var path: String?
    package var interface: String?
    package var member: String?
    package var errorName: String?
    package var replySerial: UInt32?
    package var destination: String?
    package var sender: String?
    package var body: [BusValue] = []

    /// Every message begins with as many bytes that tell how long it is.
    static let prefixLength = 16
    /// A whole message that is taken: what is asked for here has no more than a few hundred bytes.
    static let limit = 256 << 10
    /// Of a signal. Whoever is on the bus can send us some, and they wait until they are taken.
    static let signalLimit = 2 << 10

    init(_ kind: Kind, serial: UInt32) {
        self.kind = kind
        self.serial = serial
    }

    // MARK: Writing

    var bytes: [UInt8] {
        var content = Marshaller()
        for value in body { content.write(value) }
        let fields: [(UInt8, BusValue?)] = [
            (1, path.map { .objectPath($0) }), (2, interface.map { .string($0) }), (3, member.map { .string($0) }),
            (4, errorName.map { .string($0) }), (5, replySerial.map { .uint32($0) }),
            (6, destination.map { .string($0) }), (7, sender.map { .string($0) }),
            (8, body.isEmpty ? nil : .signature(body.map(\.signature).joined())),
        ]
        let array = fields.compactMap { code, value in value.map { BusValue.structure([.byte(code), .variant($0)]) } }
        var whole = Marshaller()
        whole.write(.byte(UInt8(ascii: "l")))
        whole.write(.byte(kind.rawValue))
        whole.write(.byte(expectsReply ? 0 : 1))
        whole.write(.byte(1))
        whole.write(.uint32(UInt32(content.bytes.count)))
        whole.write(.uint32(serial))
        whole.write(.array(of: "(yv)", array))
        whole.align(to: 8)
        return whole.bytes + content.bytes
    }

    // MARK: Reading

    /// Whether the message that begins with these 16 bytes is a signal of more than any that is wanted.
    static func isOverlong(_ prefix: ArraySlice<UInt8>, _ length: Int) -> Bool {
        prefix[prefix.startIndex + 1] == Kind.signal.rawValue && length > signalLimit
    }

    /// How long the message is that begins with these 16 bytes.
    static func length(_ prefix: ArraySlice<UInt8>) throws(BusError) -> Int {
        var reader = try Unmarshaller(prefix, isLittle: isLittle(prefix))
        let head = try reader.values("yyyyuuu").compactMap(\.integer)
        let (body, fields) = (head[4], head[6])
        guard head[3] == 1, body <= limit, fields <= limit else { throw .malformed("a message of \(body) bytes") }
        return prefixLength + (fields + 7) & ~7 + body
    }

    /// The whole of one message. Nil for a kind that a later version of the protocol may have, which is to be passed over.
    static func read(_ bytes: ArraySlice<UInt8>) throws(BusError) -> BusMessage? {
        var reader = try Unmarshaller(bytes, isLittle: isLittle(bytes))
        let head = try reader.values("yyyyuua(yv)")
        guard case .byte(let code) = head[1], case .byte(let flags) = head[2], case .uint32(let serial) = head[5],
            case .array(_, let fields) = head[6], code != 0, serial != 0
        else { throw .malformed("a header") }
        try reader.align(to: 8)
        guard let kind = Kind(rawValue: code) else { return nil }
        var message = BusMessage(kind, serial: serial)
        message.expectsReply = kind == .call && flags & 1 == 0
        let signature = message.take(fields)
        message.body = try reader.values(signature)
        guard reader.isAtEnd else { throw .malformed("more than its signature says") }
        return message
    }

    private static func isLittle(_ bytes: ArraySlice<UInt8>) throws(BusError) -> Bool {
        switch bytes.first {
        case UInt8(ascii: "l"): true
        case UInt8(ascii: "B"): false
        default: throw .malformed("no order of bytes")
        }
    }

    /// The signature of the body.
    private mutating func take(_ fields: [BusValue]) -> String {
        var signature = ""
        for field in fields {
            guard case .structure(let pair) = field, case .byte(let code) = pair[0], case .variant(let value) = pair[1]
            else { continue }
            switch (code, value) {
            case (1, .objectPath(let text)): path = text
            case (2, .string(let text)): interface = text
            case (3, .string(let text)): member = text
            case (4, .string(let text)): errorName = text
            case (5, .uint32(let number)): replySerial = number
            case (6, .string(let text)): destination = text
            case (7, .string(let text)): sender = text
            case (8, .signature(let text)): signature = text
            // Fields that are not known are to be passed over.
            default: break
            }
        }
        return signature
    }
}
