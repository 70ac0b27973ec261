/// Cuts what comes from a bus into messages, wherever the pieces of it end.
struct BusStream {
    private var bytes: [UInt8] = []

    mutating func append(_ piece: UnsafeRawBufferPointer) {
        bytes += piece
    }

    /// The next whole message; nil until more has come.
    mutating func next() throws(BusError) -> BusMessage? {
        while bytes.count >= BusMessage.prefixLength {
            let prefix = bytes[..<BusMessage.prefixLength]
            let length = try BusMessage.length(prefix)
            guard bytes.count >= length else { return nil }
            let message = BusMessage.isOverlong(prefix, length) ? nil : try BusMessage.read(bytes[..<length])
            bytes.removeFirst(length)
            if let message { return message }
        }
        return nil
    }
}
