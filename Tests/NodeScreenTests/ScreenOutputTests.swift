import Testing

@testable import NodeScreen

@Suite("Screen output")
struct ScreenOutputTests {
    @Test("screens are in the order of their connectors, whose numbers count as such")
    func order() {
        let names = ["eDP-1", "HDMI-10", "HDMI-2", "DP-1-2", "DP-1", "DP-1-10", ""]
        let sorted = names.map { ScreenOutput(name: $0, width: 1, height: 1) }.sorted(by: ScreenOutput.precedes)
        #expect(sorted.map(\.name) == ["", "DP-1", "DP-1-2", "DP-1-10", "HDMI-2", "HDMI-10", "eDP-1"])
    }

    @Test("a number that no machine counts to is a name")
    func hugeNumber() {
        let names = ["DP-99999999999999999999", "DP-3"].map { ScreenOutput(name: $0, width: 1, height: 1) }
        #expect(names.sorted(by: ScreenOutput.precedes).map(\.name) == ["DP-3", "DP-99999999999999999999"])
    }

    @Test(
        "recordings have even sides, none longer than 1920",
        arguments: [
            (1_280, 720, 1_280, 720), (1_367, 769, 1_366, 768), (3_840, 2_160, 1_920, 1_080),
            (1_440, 2_560, 1_080, 1_920), (3, 1, 2, 2),
        ])
    func recordedSize(width: Int, height: Int, newWidth: Int, newHeight: Int) {
        let size = ScreenRecord.size(of: ScreenOutput(name: "DP-1", width: width, height: height))
        #expect(size == (newWidth, newHeight))
    }
}
