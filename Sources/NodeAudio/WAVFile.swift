import LinuxIO
import NodeMedia

/// Uncompressed sound in a RIFF file whose length is known before the first sample.
struct WAVFile {
    static let headerLength = 44

    let file: MemoryFile

    /// The bytes that `frames` moments take, header included.
    static func size(_ format: SoundFormat, frames: Int) -> Int {
        headerLength + frames * format.channels * 2
    }

    init(_ format: SoundFormat, frames: Int) throws(Errno) {
        file = try MemoryFile(name: "sound")
        let size = Self.size(format, frames: frames)
        var header = Array("RIFF".utf8)
        header.append(number: UInt32(size - 8))
        header += Array("WAVEfmt ".utf8)
        header.append(number: UInt32(16))
        // PCM
        header.append(number: UInt16(1))
        header.append(number: UInt16(format.channels))
        header.append(number: UInt32(format.sampleRate))
        header.append(number: UInt32(format.sampleRate * format.channels * 2))
        header.append(number: UInt16(format.channels * 2))
        header.append(number: UInt16(16))
        header += Array("data".utf8)
        header.append(number: UInt32(size - Self.headerLength))
        try file.append(header)
    }

    func append(_ samples: [Int16]) throws(Errno) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(samples.count * 2)
        for sample in samples { bytes.append(number: UInt16(bitPattern: sample)) }
        try file.append(bytes)
    }
}

extension [UInt8] {
    fileprivate mutating func append<N: FixedWidthInteger>(number: N) {
        for shift in stride(from: 0, to: N.bitWidth, by: 8) { append(UInt8(truncatingIfNeeded: number >> N(shift))) }
    }
}
