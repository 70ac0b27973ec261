/// A domain name, as labels that may hold anything, dots and blanks among it; case makes no difference.
struct DNSName: Hashable, Sendable {
    let labels: [String]
    private let folded: [String]

    init(_ labels: [String]) {
        self.labels = labels
        folded = labels.map { label in String(decoding: label.utf8.map { $0.asciiLowercased }, as: UTF8.self) }
    }

    /// Of a name whose labels have no dots in them.
    init(_ text: String) {
        self.init(text.split(separator: ".").map(String.init))
    }

    static func == (one: DNSName, other: DNSName) -> Bool { one.folded == other.folded }

    func hash(into hasher: inout Hasher) { hasher.combine(folded) }

    /// Without the dot at the end.
    var text: String { labels.joined(separator: ".") }

    /// Uncompressed; only our own questions are written, whose labels came out of messages or are known.
    var bytes: [UInt8] {
        labels.flatMap { label in [UInt8(min(label.utf8.count, 63))] + label.utf8.prefix(63) } + [0]
    }
}

extension UInt8 {
    fileprivate var asciiLowercased: UInt8 { (0x41...0x5A).contains(self) ? self | 0x20 : self }
}
