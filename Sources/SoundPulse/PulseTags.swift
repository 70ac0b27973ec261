/// What is not as the PulseAudio protocol has it.
struct PulseFlaw: Error, Equatable {}

/// Writes a message of the PulseAudio protocol: values with a letter before each that says what it is.
struct PulseWriter {
    private(set) var bytes: [UInt8] = []

    mutating func add(_ number: UInt32) {
        bytes.append(UInt8(ascii: "L"))
        append(number)
    }

    mutating func add(_ bool: Bool) {
        bytes.append(UInt8(ascii: bool ? "1" : "0"))
    }

    mutating func add(_ text: String) {
        bytes.append(UInt8(ascii: "t"))
        bytes += text.utf8.filter { $0 != 0 } + [0]
    }

    mutating func add(arbitrary data: [UInt8]) {
        bytes.append(UInt8(ascii: "x"))
        append(UInt32(data.count))
        bytes += data
    }

    mutating func add(properties: [String: String]) {
        bytes.append(UInt8(ascii: "P"))
        for (name, value) in properties.sorted(by: { $0.key < $1.key }) {
            add(name)
            let data = value.utf8 + [0]
            add(UInt32(data.count))
            add(arbitrary: Array(data))
        }
        bytes.append(UInt8(ascii: "N"))
    }

    /// 16 bits a sample, little end first.
    mutating func addSpec(rate: UInt32, channels: UInt8) {
        bytes += [UInt8(ascii: "a"), 3, channels]
        append(rate)
    }

    mutating func add(channelMap positions: [UInt8]) {
        bytes += [UInt8(ascii: "m"), UInt8(positions.count)] + positions
    }

    mutating func addTime() {
        bytes.append(UInt8(ascii: "T"))
        append(0)
        append(0)
    }

    /// Without its letter, as a frame's header has numbers.
    mutating func addBare(_ number: UInt32) {
        append(number)
    }

    private mutating func append(_ number: UInt32) {
        for shift: UInt32 in [24, 16, 8, 0] { bytes.append(UInt8(truncatingIfNeeded: number >> shift)) }
    }
}

/// Reads such a message from its beginning; what is read is gone.
struct PulseReader {
    private var bytes: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { bytes.isEmpty }
    var rest: ArraySlice<UInt8> { bytes }

    mutating func number() throws(PulseFlaw) -> UInt32 {
        try expect("L")
        return UInt32(try take(4))
    }

    /// Latencies.
    mutating func microseconds() throws(PulseFlaw) -> UInt64 {
        try expect("U")
        return try take(8)
    }

    mutating func signed() throws(PulseFlaw) -> Int64 {
        try expect("r")
        return Int64(bitPattern: try take(8))
    }

    mutating func bool() throws(PulseFlaw) -> Bool {
        switch try byte() {
        case UInt8(ascii: "1"): true
        case UInt8(ascii: "0"): false
        default: throw PulseFlaw()
        }
    }

    mutating func text() throws(PulseFlaw) -> String? {
        switch try byte() {
        case UInt8(ascii: "N"): return nil
        case UInt8(ascii: "t"):
            guard let end = bytes.firstIndex(of: 0) else { throw PulseFlaw() }
            defer { bytes = bytes[(end + 1)...] }
            return String(decoding: bytes[..<end], as: UTF8.self)
        default: throw PulseFlaw()
        }
    }

    mutating func spec() throws(PulseFlaw) -> (rate: Int, channels: Int) {
        try expect("a")
        _ = try byte()
        let channels = Int(try byte())
        return (Int(try take(4)), channels)
    }

    mutating func skipChannelMap() throws(PulseFlaw) {
        try expect("m")
        try skip(Int(try byte()))
    }

    /// Of each channel, where 1 is the full one.
    mutating func volumes() throws(PulseFlaw) -> [Double] {
        try expect("v")
        var volumes: [Double] = []
        for _ in 0..<(try byte()) { volumes.append(Double(try take(4)) / 65_536) }
        return volumes
    }

    mutating func skipTime() throws(PulseFlaw) {
        try expect("T")
        try skip(8)
    }

    mutating func skipProperties() throws(PulseFlaw) {
        try expect("P")
        while try text() != nil {
            _ = try number()
            try expect("x")
            try skip(Int(try take(4)))
        }
    }

    private mutating func expect(_ letter: Unicode.Scalar) throws(PulseFlaw) {
        guard try byte() == UInt8(ascii: letter) else { throw PulseFlaw() }
    }

    private mutating func byte() throws(PulseFlaw) -> UInt8 {
        guard let byte = bytes.popFirst() else { throw PulseFlaw() }
        return byte
    }

    private mutating func take(_ count: Int) throws(PulseFlaw) -> UInt64 {
        guard bytes.count >= count else { throw PulseFlaw() }
        defer { bytes = bytes.dropFirst(count) }
        return bytes.prefix(count).reduce(0) { $0 << 8 | UInt64($1) }
    }

    private mutating func skip(_ count: Int) throws(PulseFlaw) {
        guard bytes.count >= count else { throw PulseFlaw() }
        bytes = bytes.dropFirst(count)
    }
}
