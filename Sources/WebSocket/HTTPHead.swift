/// The start line and the fields of an HTTP/1.1 message (RFC 9112).
struct HTTPHead: Equatable, Sendable {
    struct Field: Equatable, Sendable {
        let name: String
        let value: String
    }

    let startLine: String
    let fields: [Field]

    /// Parses what stands before the empty line. A line may end with LF alone; a folded line or a field without a name is not
    /// HTTP any more and gives nil.
    init?(_ bytes: some Collection<UInt8>) {
        var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { line in
            line.last == UInt8(ascii: "\r") ? line.dropLast() : line[...]
        }
        while lines.last?.isEmpty == true { lines.removeLast() }
        guard let first = lines.first, let startLine = Self.text(first) else { return nil }
        var fields: [Field] = []
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")), let name = Self.text(line[..<colon]),
                Self.isToken(name), let value = Self.text(line[line.index(after: colon)...])
            else { return nil }
            fields.append(Field(name: name, value: Self.trimmed(value)))
        }
        self.startLine = startLine
        self.fields = fields
    }

    /// A request as it is sent, up to its body. Throws `.badRequest` for what would not stay in its line.
    static func request(
        _ method: String, _ path: String, _ fields: [(String, String)]
    ) throws(WebSocketError) -> [UInt8] {
        guard isLine(path), !path.contains(where: { $0 == " " || $0 == "\t" }) else {
            throw .badRequest("the address holds characters that no address has")
        }
        var text = "\(method) \(path) HTTP/1.1\r\n"
        for (name, value) in fields {
            guard isToken(name), isLine(value) else { throw .badRequest("the header \"\(name)\" cannot be sent") }
            text += "\(name): \(value)\r\n"
        }
        return Array((text + "\r\n").utf8)
    }

    func value(of name: String) -> String? { fields.value(of: name) }

    /// Whether `token` is in the list that the fields called `name` hold; neither's case matters.
    func lists(_ token: String, in name: String) -> Bool {
        (value(of: name) ?? "").split(separator: ",").contains {
            Self.trimmed(String($0)).lowercased() == token.lowercased()
        }
    }

    /// The kinds of credentials that are asked for, such as Basic (RFC 9110 §11.6.1, §11.7.1). A comma within a quoted parameter may
    /// make one more of it.
    var challenges: [String] {
        let fields = ["WWW-Authenticate", "Proxy-Authenticate"].compactMap { value(of: $0) }
        // Parts that are no kind are parameters of the last: `name=value`.
        return fields.flatMap { $0.split(separator: ",") }.compactMap { part in
            part.split(whereSeparator: \.isWhitespace).first.map(String.init)
        }.filter(Self.isToken)
    }

    /// Whether `text` can be a field's name (RFC 9110 §5.6.2).
    static func isToken(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { character in
                switch character {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "!#$%&'*+-.^_`|~".utf8.contains(character)
                }
            }
    }

    /// Whether `text` can stand in a line: no line break or other control character in it.
    static func isLine(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 >= UInt8(ascii: " ") && $0 != 0x7F || $0 == UInt8(ascii: "\t") }
    }

    private static func text(_ bytes: some Collection<UInt8>) -> String? {
        // Old servers may write Latin-1; what it says beyond ASCII does not matter here.
        let text = String(decoding: bytes, as: UTF8.self)
        return isLine(text) ? text : nil
    }

    private static func trimmed(_ text: String) -> String {
        let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        let rest = text.drop(while: isBlank)
        return String(rest.reversed().drop(while: isBlank).reversed())
    }
}

extension [HTTPHead.Field] {
    /// All values of the fields called `name`, in whatever case, with commas between.
    func value(of name: String) -> String? {
        let values = filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
        return values.isEmpty ? nil : values.joined(separator: ", ")
    }
}

/// Collects a head of at most 16 KiB from pieces, and keeps what came after it.
struct HTTPHeadCollector: Sendable {
    static let limit = 16 << 10

    private var bytes: [UInt8] = []
    private var searched = 0

    /// The head, once the empty line is there. Throws `.badUpgrade`.
    mutating func take(_ piece: [UInt8]) throws(WebSocketError) -> HTTPHead? {
        bytes += piece
        guard let end = endOfHead() else {
            guard bytes.count <= Self.limit else { throw .badUpgrade("a head of more than 16 KiB") }
            return nil
        }
        guard end <= Self.limit else { throw .badUpgrade("a head of more than 16 KiB") }
        guard let head = HTTPHead(bytes[..<end]) else { throw .badUpgrade("what came is not HTTP") }
        bytes.removeFirst(end)
        searched = 0
        return head
    }

    /// What came after the head.
    mutating func takeRest() -> [UInt8] {
        defer { bytes = [] }
        return bytes
    }

    private mutating func endOfHead() -> Int? {
        let lineFeed = UInt8(ascii: "\n")
        while let end = bytes[searched...].firstIndex(of: lineFeed) {
            searched = end + 1
            let line = bytes[..<end]
            if line.last == lineFeed || line.suffix(2).elementsEqual([lineFeed, UInt8(ascii: "\r")]) { return end + 1 }
        }
        searched = bytes.count
        return nil
    }
}
