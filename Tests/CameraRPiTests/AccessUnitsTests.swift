import LinuxIO
import NodeMedia
import Testing

@testable import CameraRPi

@Suite("H.264 from a pipe")
struct AccessUnitsTests {
    private let film: [UInt8]

    init() throws {
        film = try StateFile.read("\(Files.standIn)/film.h264")
    }

    @Test(
        "it is cut into its frames however it comes, two slices each; the last is not known to be whole",
        arguments: [1, 7, 100, 1_000, 1 << 20])
    func cut(size: Int) {
        var units = AccessUnits()
        var frames: [AccessUnits.Frame] = []
        for start in stride(from: 0, to: film.count, by: size) {
            let bytes = Array(film[start..<min(start + size, film.count)])
            frames += units.append(bytes, at: MonotonicTime(nanoseconds: Int64(start + 1) * 10_000_000))
        }
        #expect(frames.count == 29)
        #expect(frames.flatMap(\.bytes) == Array(film.prefix(frames.reduce(0) { $0 + $1.bytes.count })))
        #expect(frames.enumerated().allSatisfy { H264.isKeyFrame($1.bytes) == ($0 % 10 == 0) })
        #expect(zip(frames, frames.dropFirst()).allSatisfy { $0.time < $1.time })
    }

    @Test("a frame's time is when it began to come") func times() throws {
        let starts = H264.units(in: film).filter { $0.kind == 1 && film[$0.header + 1] & 0x80 != 0 }
        let second = try #require(starts.first).range.lowerBound
        var units = AccessUnits()
        func at(_ milliseconds: Int) -> MonotonicTime { MonotonicTime(nanoseconds: Int64(milliseconds) * 1_000_000) }
        #expect(units.append(Array(film[..<20]), at: at(100)).isEmpty)
        #expect(units.append(Array(film[20..<second]), at: at(110)).isEmpty)
        let frames = units.append(Array(film[second..<second + 10]), at: at(133))
        #expect(frames.map(\.time) == [at(100)])
        #expect(frames.map(\.bytes.count) == [second])
    }

    @Test("what has no frames is too much some time") func flood() {
        var units = AccessUnits()
        #expect(units.append([UInt8](repeating: 0, count: 1 << 20), at: .now).isEmpty && !units.isTooMuch)
        #expect(units.append([UInt8](repeating: 0, count: 2 << 20), at: .now).isEmpty && units.isTooMuch)
    }
}
