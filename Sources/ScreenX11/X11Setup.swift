/// How a conversation with an X server begins, and what it then says of itself.
struct X11Setup: Equatable, Sendable {
    /// The window that covers all of the screen.
    let root: UInt32
    let width: Int
    let height: Int
    let depth: Int
    /// Whether a pixel has four bytes: blue, green, red and one that means nothing.
    let isBGRX: Bool
    /// Names for what we make begin here.
    let firstID: UInt32

    static func request(_ cookie: X11Cookie?) -> [UInt8] {
        let name = cookie == nil ? [] : Array(X11Cookie.protocolName.utf8)
        let data = cookie?.bytes ?? []
        // Little end first; version 11.0.
        var request: [UInt8] = [UInt8(ascii: "l"), 0, 11, 0, 0, 0]
        request.append(number: UInt16(name.count))
        request.append(number: UInt16(truncatingIfNeeded: data.count))
        request += [0, 0]
        request += name
        request.pad()
        request += data
        request.pad()
        return request
    }

    static let headerLength = 8

    /// What `header` says follows it.
    static func length(_ header: X11Data) throws(X11Flaw) -> Int { 4 * (try header.word(at: 6)) }

    /// Why the server takes nobody like us; nil when it does.
    static func refusal(_ answer: X11Data) throws(X11Flaw) -> String? {
        if try answer.byte(at: 0) == 1 { return nil }
        return try answer.text(at: headerLength, count: Int(try answer.byte(at: 1)))
    }

    /// Nil when it has no screen of that number.
    init?(_ answer: X11Data, screen wanted: Int) throws(X11Flaw) {
        firstID = try answer.long(at: 12)
        let vendor = try answer.word(at: 24)
        let screens = Int(try answer.byte(at: 28))
        let formats = Int(try answer.byte(at: 29))
        let isLittleEndian = try answer.byte(at: 30) == 0
        guard wanted < screens else { return nil }
        var offset = 40 + (vendor + 3) & ~3
        var bitsPerPixel: [Int: Int] = [:]
        for _ in 0..<formats {
            bitsPerPixel[Int(try answer.byte(at: offset))] = Int(try answer.byte(at: offset + 1))
            offset += 8
        }
        for _ in 0..<wanted { offset = try Self.end(ofScreen: offset, answer).end }
        root = try answer.long(at: offset)
        width = try answer.word(at: offset + 20)
        height = try answer.word(at: offset + 22)
        guard width > 0, height > 0 else { throw X11Flaw() }
        depth = Int(try answer.byte(at: offset + 38))
        let visual = try answer.long(at: offset + 32)
        let masks = try Self.end(ofScreen: offset, answer, masksOf: visual).masks
        isBGRX = isLittleEndian && bitsPerPixel[depth] == 32 && masks == [0xFF0000, 0xFF00, 0xFF]
    }

    /// Where the next screen's description begins; on the way, the masks of red, green and blue of one visual.
    private static func end(
        ofScreen start: Int, _ answer: X11Data, masksOf visual: UInt32? = nil
    ) throws(X11Flaw) -> (end: Int, masks: [UInt32]) {
        var offset = start + 40
        var masks: [UInt32] = []
        for _ in 0..<(try answer.byte(at: start + 39)) {
            let visuals = try answer.word(at: offset + 2)
            offset += 8
            for _ in 0..<visuals {
                if try answer.long(at: offset) == visual {
                    masks = [
                        try answer.long(at: offset + 8), try answer.long(at: offset + 12),
                        try answer.long(at: offset + 16),
                    ]
                }
                offset += 24
            }
        }
        return (offset, masks)
    }
}
