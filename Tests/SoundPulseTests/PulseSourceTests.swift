import NodeAudio
import NodeMedia
import Testing

@testable import SoundPulse

@Suite("Pulse source")
struct PulseSourceTests {
    private static let format = SoundFormat(sampleRate: 48_000, channels: 1)

    /// What a server answers that is asked for its latencies, in microseconds, after it has written so many bytes.
    private func answer(sink: Int64, source: Int64, written: Int64) -> PulseReader {
        func big(_ number: Int64) -> [UInt8] { withUnsafeBytes(of: number.bigEndian, Array.init) }
        let time = [UInt8(ascii: "T")] + big(0)
        let latencies = [UInt8(ascii: "U")] + big(sink) + [UInt8(ascii: "U")] + big(source) + [UInt8(ascii: "1")]
        return PulseReader((latencies + time + time + [UInt8(ascii: "r")] + big(written))[...])
    }

    /// How long before the answer the first sample was in the air; nil when the answer told nothing.
    private func lag(sink: Int64 = 0, source: Int64 = 0, written: Int64 = 0) -> Double? {
        var clock = SampleClock(rate: 48_000)
        let asked = MonotonicTime.now
        let answer = answer(sink: sink, source: source, written: written)
        #expect(PulseSource.look(answer, asked: asked, Self.format, &clock))
        return clock.time(of: 0).map { $0.duration(to: asked) / .seconds(1) }
    }

    @Test("sound was in the air before it came, by the source's latency, and by what was written before it")
    func latency() throws {
        #expect(abs(try #require(lag(source: 200_000)) - 0.2) < 0.1)
        #expect(abs(try #require(lag(source: 200_000, written: 96_000)) - 1.2) < 0.1)
    }

    @Test("a source or a sink that its owner has made early is early") func early() throws {
        #expect(abs(try #require(lag(source: -200_000)) + 0.2) < 0.1)
        #expect(abs(try #require(lag(sink: -200_000)) - 0.2) < 0.1)
    }

    @Test("numbers that can be no latency, or no length, tell nothing", arguments: [Int64.max, .min])
    func nonsense(number: Int64) {
        #expect(lag(source: number) == nil)
        #expect(lag(sink: number) == nil)
        #expect(lag(written: number) == nil)
    }
}
