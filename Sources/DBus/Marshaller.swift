/// Writes values as D-Bus has them on the wire, always with the low byte first.
struct Marshaller {
    private(set) var bytes: [UInt8] = []

    mutating func write(_ value: BusValue) {
        switch value {
        case .byte(let byte): bytes.append(byte)
        case .boolean(let flag): write(UInt32(flag ? 1 : 0))
        case .int16(let number): write(number)
        case .uint16(let number): write(number)
        case .int32(let number): write(number)
        case .uint32(let number): write(number)
        case .int64(let number): write(number)
        case .uint64(let number): write(number)
        case .double(let number): write(number.bitPattern)
        case .string(let text), .objectPath(let text):
            write(UInt32(text.utf8.count))
            bytes += text.utf8
            bytes.append(0)
        case .signature(let text):
            bytes.append(UInt8(text.utf8.count))
            bytes += text.utf8
            bytes.append(0)
        case .array(let element, let elements): write(elements, of: element)
        case .structure(let members):
            align(to: 8)
            for member in members { write(member) }
        case .entry(let key, let value):
            align(to: 8)
            write(key)
            write(value)
        case .variant(let value):
            write(.signature(value.signature))
            write(value)
        }
    }

    private mutating func write(_ elements: [BusValue], of element: String) {
        write(UInt32(0))
        let place = bytes.count - 4
        // Counts even for no element, but not in the array's length.
        align(to: Signature.alignment(of: element.utf8.first))
        let start = bytes.count
        for value in elements { write(value) }
        withUnsafeBytes(of: UInt32(bytes.count - start).littleEndian) {
            bytes.replaceSubrange(place..<place + 4, with: $0)
        }
    }

    private mutating func write<T: FixedWidthInteger>(_ number: T) {
        align(to: MemoryLayout<T>.size)
        withUnsafeBytes(of: number.littleEndian) { bytes += $0 }
    }

    mutating func align(to size: Int) {
        while bytes.count % size != 0 { bytes.append(0) }
    }
}
