import NodeCamera
import Testing

@testable import CameraRPi

@Suite("What the program is told")
struct StillArgumentsTests {
    private func words(_ number: Int, _ warmUp: StillRequest.WarmUp, sensor: ListedCamera.Size? = nil) -> String {
        let camera = ListedCamera(number: number, model: "imx219", id: "/base/imx219@10", sensor: sensor, modes: [])
        return StillArguments.picture(StillRequest(maxWidth: 1640, warmUp: warmUp), of: camera).joined(separator: " ")
    }

    @Test("the first camera is not named, because the first programs know no names")
    func first() {
        #expect(words(0, .untilSettled) == "-n -o - -t 1000")
        #expect(words(2, .untilSettled) == "-n -o - -t 1000 --camera 2")
    }

    @Test("the size is the sensor's, made smaller") func size() {
        let sensor = ListedCamera.Size(width: 3280, height: 2464)
        #expect(words(0, .untilSettled, sensor: sensor).hasSuffix(" --width 1640 --height 1232"))
    }

    @Test("a warm-up is as long as asked for; none is the shortest, for 0 means for ever")
    func warmUp() {
        #expect(words(0, .exactly(.milliseconds(2_500))).hasSuffix("-t 2500"))
        #expect(words(0, .exactly(.zero)).hasSuffix("-t 1"))
    }
}
