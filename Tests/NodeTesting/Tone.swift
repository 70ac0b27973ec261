import Glibc

/// A sine, and what is heard of one.
package enum Tone {
    /// `amplitude` of 1 is as loud as 16 bits can be; every channel has the same.
    package static func samples(
        _ frequency: Double, rate: Int, channels: Int = 1, from first: Int = 0, count: Int, amplitude: Double = 0.5
    ) -> [Int16] {
        (first..<(first + count)).flatMap { frame in
            let value = sin(2 * Double.pi * frequency * Double(frame) / Double(rate)) * amplitude * 32_767
            return [Int16](repeating: Int16(value.rounded()), count: channels)
        }
    }

    /// In hertz, from where one channel's samples rise through nothing; 0 for silence.
    package static func frequency(of samples: [Int16], rate: Int) -> Double {
        var first: Double?
        var last = 0.0
        var count = 0
        for index in samples.indices.dropFirst() where samples[index - 1] < 0 && samples[index] >= 0 {
            let before = Double(samples[index - 1])
            let place = Double(index - 1) + before / (before - Double(samples[index]))
            if first == nil { first = place } else { count += 1 }
            last = place
        }
        guard let first, count > 0 else { return 0 }
        return Double(count) * Double(rate) / (last - first)
    }

    /// The mean level in decibels below full scale.
    package static func level(of samples: [Int16]) -> Double {
        let squares = samples.reduce(0.0) { $0 + Double($1) * Double($1) }
        return 10 * log10(squares / Double(max(1, samples.count)) / (32_768 * 32_768))
    }

    /// The samples of a RIFF file, whose header must say this format and its own length.
    package static func samples(ofWAV bytes: [UInt8], rate: Int, channels: Int) -> [Int16]? {
        func number(_ offset: Int, _ length: Int) -> Int {
            bytes[offset..<(offset + length)].reversed().reduce(0) { $0 << 8 | Int($1) }
        }
        guard bytes.count >= 44, bytes[0..<4].elementsEqual("RIFF".utf8), bytes[8..<16].elementsEqual("WAVEfmt ".utf8),
            bytes[36..<40].elementsEqual("data".utf8), number(4, 4) == bytes.count - 8,
            number(40, 4) == bytes.count - 44, number(16, 4) == 16, number(20, 2) == 1, number(22, 2) == channels,
            number(24, 4) == rate, number(28, 4) == rate * channels * 2, number(32, 2) == channels * 2,
            number(34, 2) == 16
        else { return nil }
        return stride(from: 44, to: bytes.count, by: 2).map { Int16(truncatingIfNeeded: number($0, 2)) }
    }
}
