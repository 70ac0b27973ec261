import LinuxIO
import Testing

@Suite struct WallClockTests {
    @Test(
        "a time is read as it is written", arguments: [0, 999, 951_782_400_000, 1_795_331_665_630, 253_402_300_799_999])
    func read(_ milliseconds: Int) {
        let text = WallClock.text(.universal, at: milliseconds)
        #expect(WallClock.milliseconds("\(text.date)T\(text.clock)Z") == milliseconds)
    }

    @Test(
        "its fraction may be of any length",
        arguments: [("", 0), (".5", 500), (".06", 60), (".1239", 123), (".000000000000", 0)] as [(String, Int)])
    func fractions(_ fraction: String, _ thousandths: Int) {
        #expect(WallClock.milliseconds("2026-11-22T07:14:25\(fraction)Z") == 1_795_331_665_000 + thousandths)
    }

    @Test(
        "what is no time is none",
        arguments: [
            "", "Z", "2026-11-22T07:14:25", "2026-11-22 07:14:25Z", "2026-11-22T07:14:25.Z", "2026-11-22T07:14:25,5Z",
            "2026-13-22T07:14:25Z", "2026-00-22T07:14:25Z", "2026-11-32T07:14:25Z", "2026-11-22T24:14:25Z",
            "2026-11-22T07:60:25Z", "2026-11-22T07:14:61Z", "-026-11-22T07:14:25Z", "0000-11-22T07:14:25Z",
            "2026-11-22T07:14:25+00:00Z", "２026-11-22T07:14:25Z", "2026-11-22T07:14:25.12345678901234567890Z",
        ])
    func nonsense(_ text: String) {
        #expect(WallClock.milliseconds(text) == nil)
    }
}
