import LinuxIO
import NodeCore
import NodeLocation
import Testing

@testable import PlaceGPSD

@Suite struct GPSDReportTests {
    private func report(_ line: String) -> GPSDReport? { try? JSON.decode(GPSDReport.self, from: Array(line.utf8)) }

    private func fix(_ line: String) -> Fix? {
        guard case .fixes(let fixes)? = report(line) else { return nil }
        return fixes.first
    }

    /// As 3.22 says it.
    private static let position =
        #"{"class":"TPV","device":"/dev/pts/0","mode":3,"time":"2026-11-22T07:11:36.390Z","ept":0.005,"lat":48.137333333,"#
        + #""lon":11.575500000,"altHAE":566.3000,"altMSL":519.4000,"alt":519.4000,"epv":48.300,"track":84.4000,"#
        + #""magtrack":87.7413,"magvar":3.3,"speed":5.144,"climb":0.000,"epc":95.64,"geoidSep":46.900,"eph":17.100}"#

    @Test("a position tells place, time, accuracy, height above the sea, speed and direction") func whole() {
        let expected = Fix(
            latitude: 48.137333333, longitude: 11.5755, accuracy: 17.1, altitude: 519.4, speed: 5.144, heading: 84.4,
            time: 1_795_331_496_390, source: .gps)
        #expect(fix(Self.position) == expected)
    }

    @Test(
        "accuracy and height have other names in older ones, and may be missing",
        arguments: [
            (#""mode":3,"epx":3,"epy":4,"alt":7"#, 5.0, 7.0), (#""mode":3,"epx":3,"altHAE":8"#, 150, 8),
            (#""mode":2,"eph":2,"altMSL":9"#, 2, nil), (#""mode":3,"eph":2"#, 2, nil),
        ] as [(String, Double, Double?)])
    func older(_ members: String, _ accuracy: Double, _ altitude: Double?) {
        let fix = fix(#"{"class":"TPV","lat":1,"lon":2,\#(members)}"#)
        #expect(fix?.accuracy == accuracy && fix?.altitude == altitude)
        // Without a time of its own it is of now.
        #expect(abs((fix?.time ?? 0) - WallClock.milliseconds) < 3_600_000)
    }

    @Test(
        "without a fix there is none",
        arguments: [
            #"{"class":"TPV","mode":1}"#, #"{"class":"TPV","mode":1,"lat":1,"lon":2}"#,
            #"{"class":"TPV","mode":0,"lat":1,"lon":2}"#, #"{"class":"TPV","lat":1,"lon":2}"#,
            #"{"class":"TPV","mode":3,"lat":1}"#, #"{"class":"TPV","mode":3,"lat":91,"lon":2}"#,
            #"{"class":"TPV","mode":3,"lat":1,"lon":2,"eph":1.4e200}"#,
            #"{"class":"TPV","mode":3,"lat":1,"lon":2,"epx":1e200,"epy":1e200}"#,
        ])
    func none(_ line: String) {
        #expect(report(line) == .fixes([]))
    }

    @Test("what was known last counts while it is of now by gpsd's own clock, of each receiver") func poll() {
        func poll(_ time: String) -> GPSDReport? {
            report(
                #"{"class":"POLL","time":"\#(time)","active":2,"tpv":[{"class":"TPV","mode":1},\#(Self.position)],"sky":[]}"#
            )
        }
        for time in ["2026-11-22T07:11:36.500Z", "2026-11-22T07:11:39.390Z", "2026-11-22T07:11:33.390Z"] {
            guard case .fixes(let fixes)? = poll(time) else {
                Issue.record("\(time) is not understood")
                continue
            }
            #expect(fixes.map(\.accuracy) == [17.1])
        }
        for time in ["2026-11-22T07:11:39.391Z", "1970-01-01T00:00:00Z", "now"] { #expect(poll(time) == .fixes([])) }
        #expect(report(#"{"class":"POLL","time":"2026-11-22T07:11:36Z","active":0}"#) == .fixes([]))
    }

    @Test("how it greets, how many receivers there are, and what else it says") func others() {
        #expect(report(#"{"class":"VERSION","release":"3.25","proto_major":3}"#) == .version)
        #expect(report(#"{"class":"DEVICES","devices":[]}"#) == .devices(0))
        #expect(report(#"{"class":"DEVICES","devices":[{"class":"DEVICE","path":"/dev/x"},{}]}"#) == .devices(2))
        #expect(report(#"{"class":"SKY","nSat":7,"satellites":[{"PRN":1}]}"#) == .other)
        for nonsense in [
            "", "HTTP/1.1 400", "{}", "[]", #"{"class":7}"#, #"{"class":"TPV","mode":"3"}"#, #"{"class":"DEVICES"}"#,
            #"{"class":"POLL"}"#, #"{"class":"TPV","mode":1e99}"#,
        ] {
            #expect(report(nonsense) == nil, "\(nonsense)")
        }
    }

    @Test("lines are cut wherever pieces end, and one that is too long is none of gpsd's") func lines() {
        var lines = GPSDLines()
        var cut: [[UInt8]] = []
        for piece in ["a\r", "\nbc", "", "d\n\ne\nf"] { cut += lines.take(Array(piece.utf8)) ?? [] }
        #expect(cut.map { String(decoding: $0, as: UTF8.self) } == ["a\r", "bcd", "", "e"])
        let long = [UInt8](repeating: 7, count: GPSDLines.limit - 1)
        #expect(lines.take(long) == [])
        #expect(lines.take([7]) == nil)
    }
}
