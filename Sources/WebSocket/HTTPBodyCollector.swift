import NodeCore

/// Collects a response's body from pieces, as its head announces it (RFC 9112 §6), up to a limit.
struct HTTPBodyCollector: Sendable {
    private enum Framing {
        case left(Int)
        case untilEnd
        case chunkSize
        case chunk(Int)
        /// The line break behind a chunk.
        case chunkEnd
        case trailer
        case over
    }

    /// No line between chunks is longer in anything that still is HTTP.
    private static let lineLimit = 1 << 10

    private(set) var bytes: [UInt8] = []
    private let limit: Int
    private var framing: Framing
    private var line: [UInt8] = []

    /// Throws `.badAnswer` for a body whose length cannot be known, or is known to be above the limit.
    init(of head: HTTPHead, status: Int, limit: Int) throws(WebSocketError) {
        self.limit = limit
        if status == 204 || status == 304 {
            framing = .over
        } else if let coding = head.value(of: "Transfer-Encoding") {
            // It outweighs a length, which then is not to be believed.
            guard coding.lowercased() == "chunked" else { throw .badAnswer("it is encoded as \(coding)") }
            framing = .chunkSize
        } else if let text = head.value(of: "Content-Length") {
            guard text.utf8.allSatisfy(\.isASCIIDigit), let length = Int(text) else {
                throw .badAnswer("its length is \(text)")
            }
            guard length <= limit else { throw Self.tooLong(limit) }
            framing = length == 0 ? .over : .left(length)
        } else {
            framing = .untilEnd
        }
    }

    var isWhole: Bool {
        if case .over = framing { return true }
        return false
    }

    /// What follows the body is not looked at.
    mutating func take(_ piece: [UInt8]) throws(WebSocketError) {
        var rest = piece[...]
        while !rest.isEmpty, !isWhole {
            switch framing {
            case .left(let count):
                let left = count - (try append(&rest, count))
                framing = left == 0 ? .over : .left(left)
            case .untilEnd: _ = try append(&rest, .max)
            case .chunk(let count):
                let left = count - (try append(&rest, count))
                framing = left == 0 ? .chunkEnd : .chunk(left)
            case .chunkSize: if let line = try takeLine(&rest) { framing = try Self.framing(chunk: line) }
            case .chunkEnd:
                guard let line = try takeLine(&rest) else { return }
                guard line.isEmpty else { throw .badAnswer("its chunks are malformed") }
                framing = .chunkSize
            case .trailer: if let line = try takeLine(&rest), line.isEmpty { framing = .over }
            case .over: return
            }
        }
    }

    /// The connection has ended. Throws when that was too early.
    mutating func end() throws(WebSocketError) {
        switch framing {
        case .over: return
        case .untilEnd: framing = .over
        default: throw .lost(nil)
        }
    }

    private mutating func append(_ rest: inout ArraySlice<UInt8>, _ count: Int) throws(WebSocketError) -> Int {
        let piece = rest.prefix(count)
        guard piece.count <= limit - bytes.count else { throw Self.tooLong(limit) }
        bytes += piece
        rest = rest.dropFirst(piece.count)
        return piece.count
    }

    /// Without its end; nil when that has not come.
    private mutating func takeLine(_ rest: inout ArraySlice<UInt8>) throws(WebSocketError) -> [UInt8]? {
        let end = rest.firstIndex(of: UInt8(ascii: "\n"))
        line += rest[..<(end ?? rest.endIndex)]
        rest = end.map { rest[($0 + 1)...] } ?? []
        guard line.count <= Self.lineLimit else { throw .badAnswer("its chunks are malformed") }
        guard end != nil else { return nil }
        defer { line = [] }
        return line.last == UInt8(ascii: "\r") ? line.dropLast() : line
    }

    private static func framing(chunk line: [UInt8]) throws(WebSocketError) -> Framing {
        let digits = line.prefix { $0 != UInt8(ascii: ";") && $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") }
        // `Int` would take a sign; what has more digits than this is no length either.
        guard (1...15).contains(digits.count), digits.first?.isASCIIAlphanumeric == true,
            let size = Int(String(decoding: digits, as: UTF8.self), radix: 16)
        else { throw .badAnswer("its chunks are malformed") }
        return size == 0 ? .trailer : .chunk(size)
    }

    private static func tooLong(_ limit: Int) -> WebSocketError { .badAnswer("it is longer than \(limit) bytes") }
}
