import LinuxIO

/// A DNS message as multicast DNS has it (RFC 1035, RFC 6762): questions out, records in.
struct DNSMessage: Equatable, Sendable {
    enum Kind: UInt16, Sendable {
        case a = 1
        case ptr = 12
        case txt = 16
        case aaaa = 28
        case srv = 33
    }

    struct Question: Hashable, Sendable {
        var name: DNSName
        var kind: Kind
    }

    struct Record: Equatable, Sendable {
        enum Data: Equatable, Sendable {
            /// Four or sixteen bytes.
            case address([UInt8])
            case pointer(DNSName)
            case text([[UInt8]])
            case service(priority: UInt16, port: UInt16, host: DNSName)
        }

        var name: DNSName
        var data: Data
    }

    /// Why a message is not taken, for nobody but tests.
    enum Malformed: Error, Equatable {
        case tooShort, name, record, tooMuch, noAnswer
    }

    /// As long as multicast DNS lets a message be (RFC 6762 §17).
    static let limit = 9_000
    /// More than a crowded network's whole answer has.
    private static let maxRecords = 512

    var records: [Record]

    // MARK: Asking

    /// Of one message; who asks from another port than 5353 is answered alone, and in plain DNS (RFC 6762 §6.7).
    static func query(_ questions: [Question]) -> [UInt8] {
        // Without an id: whoever listens has asked.
        let head = [0, 0, UInt16(questions.count), 0, 0, 0].flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
        return head + questions.flatMap { $0.name.bytes + [0, UInt8($0.kind.rawValue), 0, 1] }
    }

    // MARK: Reading

    /// The records of an answer; those of other kinds are left out.
    init(_ bytes: [UInt8]) throws(Malformed) {
        guard bytes.count <= Self.limit else { throw .tooMuch }
        var reader = DNSReader(bytes)
        _ = try reader.number()
        let flags = try reader.number()
        // An answer, and no failure of an operation that is not a query.
        guard flags & 0xF800 == 0x8000 else { throw .noAnswer }
        var counts: [Int] = []
        for _ in 0..<4 { counts.append(Int(try reader.number())) }
        guard counts.reduce(0, +) <= Self.maxRecords else { throw .tooMuch }
        for _ in 0..<counts[0] {
            _ = try reader.name()
            try reader.skip(4)
        }
        records = []
        for _ in 0..<(counts[1] + counts[2] + counts[3]) {
            if let record = try Self.record(&reader) { records.append(record) }
        }
    }

    private static func record(_ reader: inout DNSReader) throws(Malformed) -> Record? {
        let name = try reader.name()
        let kind = Kind(rawValue: try reader.number())
        let isInternet = try reader.number() & 0x7FFF == 1
        let life = (try reader.number(), try reader.number())
        let length = Int(try reader.number())
        let end = reader.offset + length
        guard reader.hasRoom(length) else { throw .record }
        defer { reader.offset = end }
        // One without life left is taken back.
        guard let kind, isInternet, life != (0, 0) else { return nil }
        let data: Record.Data
        switch kind {
        case .a, .aaaa:
            guard length == (kind == .a ? 4 : 16) else { throw .record }
            data = .address(try reader.take(length))
        case .ptr: data = .pointer(try reader.name())
        case .srv:
            let priority = try reader.number()
            try reader.skip(2)
            data = .service(priority: priority, port: try reader.number(), host: try reader.name())
        case .txt:
            var texts: [[UInt8]] = []
            while reader.offset < end {
                let count = Int(try reader.take(1)[0])
                texts.append(try reader.take(count))
            }
            data = .text(texts)
        }
        guard reader.offset <= end else { throw .record }
        return Record(name: name, data: data)
    }
}

/// Walks through a message; nothing beyond its end is read.
private struct DNSReader {
    private let bytes: [UInt8]
    var offset = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    func hasRoom(_ count: Int) -> Bool { count <= bytes.count - offset }

    mutating func skip(_ count: Int) throws(DNSMessage.Malformed) {
        guard hasRoom(count) else { throw .tooShort }
        offset += count
    }

    mutating func take(_ count: Int) throws(DNSMessage.Malformed) -> [UInt8] {
        let start = offset
        try skip(count)
        return Array(bytes[start..<offset])
    }

    mutating func number() throws(DNSMessage.Malformed) -> UInt16 {
        let pair = try take(2)
        return UInt16(pair[0]) << 8 | UInt16(pair[1])
    }

    /// With the pointers of RFC 1035 §4.1.4. Each leads back to before where it stands, so there are no circles.
    mutating func name() throws(DNSMessage.Malformed) -> DNSName {
        var labels: [String] = []
        var length = 0
        var place = offset
        var lowest = offset
        var next: Int?
        while true {
            guard place < bytes.count else { throw .name }
            let count = Int(bytes[place])
            switch count {
            case 0:
                offset = next ?? place + 1
                return DNSName(labels)
            case 1...63:
                guard place + count < bytes.count else { throw .name }
                length += count + 1
                guard length < 255 else { throw .name }
                labels.append(String(decoding: bytes[(place + 1)...(place + count)], as: UTF8.self))
                place += count + 1
            case 0xC0...:
                guard place + 1 < bytes.count else { throw .name }
                let target = (count & 0x3F) << 8 | Int(bytes[place + 1])
                guard target < lowest else { throw .name }
                next = next ?? place + 2
                lowest = target
                place = target
            default: throw .name
            }
        }
    }
}
