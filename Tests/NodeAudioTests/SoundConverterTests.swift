import NodeMedia
import NodeTesting
import Testing

@testable import NodeAudio

@Suite("Sound converter")
struct SoundConverterTests {
    /// In pieces of odd sizes, as devices send them.
    private func convert(_ samples: [Int16], _ from: SoundFormat, _ to: SoundFormat) -> [Int16] {
        var converter = SoundConverter(from: from, to: to)
        var converted: [Int16] = []
        var rest = samples[...]
        var size = 1
        while !rest.isEmpty {
            converted += converter.convert(Array(rest.prefix(size * from.channels)))
            rest = rest.dropFirst(size * from.channels)
            size = size * 3 % 1_009 + 1
        }
        let frames = samples.count / from.channels
        let total = Int((Double(frames) * Double(to.sampleRate) / Double(from.sampleRate)).rounded())
        return converted + converter.finish(total: total)
    }

    @Test(
        "a tone keeps its frequency and its level, and a second is a second",
        arguments: [(48_000, 16_000), (44_100, 16_000), (8_000, 48_000), (11_025, 22_050), (32_000, 44_100)])
    func tone(from: Int, to: Int) {
        let samples = Tone.samples(1_000, rate: from, count: from)
        let converted = convert(
            samples, SoundFormat(sampleRate: from, channels: 1), SoundFormat(sampleRate: to, channels: 1))
        #expect(converted.count == to)
        #expect(abs(Tone.frequency(of: converted, rate: to) - 1_000) < 0.1)
        let middle = Array(converted[(to / 10)..<(to * 9 / 10)])
        #expect(abs(Tone.level(of: middle) - Tone.level(of: samples)) < 0.05)
    }

    @Test("what the new rate cannot carry is left out, and does not come back as another tone") func aliases() {
        let samples = Tone.samples(10_000, rate: 48_000, count: 48_000)
        let converted = convert(
            samples, SoundFormat(sampleRate: 48_000, channels: 1), SoundFormat(sampleRate: 16_000, channels: 1))
        #expect(Tone.level(of: Array(converted[1_600..<14_400])) < -60)
    }

    @Test("two channels become their mean, and one becomes both") func channels() {
        let rate = 16_000
        let stereo = SoundFormat(sampleRate: rate, channels: 2)
        let mono = SoundFormat(sampleRate: rate, channels: 1)
        let both = convert(Tone.samples(440, rate: rate, count: rate), mono, stereo)
        #expect(both.count == 2 * rate)
        #expect(stride(from: 0, to: both.count, by: 2).allSatisfy { both[$0] == both[$0 + 1] })
        var left = both
        for index in stride(from: 1, to: left.count, by: 2) { left[index] = 0 }
        let mean = convert(left, stereo, mono)
        #expect(mean.count == rate && abs(Tone.level(of: mean) + 15.05) < 0.1)
    }

    @Test("what is of the right kind already is not touched") func same() {
        let format = SoundFormat(sampleRate: 16_000, channels: 2)
        let samples = Tone.samples(440, rate: 16_000, channels: 2, count: 1_000)
        #expect(convert(samples, format, format) == samples)
    }
}
