import Glibc
import LinuxIO
import NodeCamera
import Testing

@testable import CameraV4L2

@Suite("Pointing controls")
struct PointingControlsTests {
    @Test("arc seconds are degrees, and a zoom's range is a hundred percent, there and back")
    func scale() {
        let pan = PointingControls.Scale(.pan, from: -612_000, to: 612_000)
        #expect(pan.value(of: -612_000) == -170)
        #expect(pan.raw(12.5) == 45_000)
        let zoom = PointingControls.Scale(.zoom, from: 100, to: 500)
        #expect([100, 200, 500].map(zoom.value) == [0, 25, 100])
        #expect([0.0, 25, 33.3, 100].map(zoom.raw) == [100, 200, 233, 500])
        let widest = PointingControls.Scale(.zoom, from: .min, to: .max)
        #expect(widest.raw(0) == .min && widest.raw(100) == .max)
    }

    @Test(
        "a camera that refuses to move says why, and nobody is told to change permissions",
        arguments: [
            (EBUSY, "it is not ready; ask again in a moment"), (EILSEQ, "it does not do that in its present state"),
            (EACCES, "it does not do that in its present state"), (EREMOTE, "it lacks the power for that"),
            (ERANGE, "Numerical result out of range"),
        ])
    func refused(code: CInt, reason: String) {
        #expect(PointingControls.failure(Errno(code), at: "/dev/video0") == .failed("/dev/video0", reason: reason))
    }

    @Test("a camera that goes while it is pointed is said to be gone", arguments: [ENODEV, ESHUTDOWN])
    func unplugged(code: CInt) {
        #expect(PointingControls.failure(Errno(code), at: "/dev/video0") == .gone("/dev/video0"))
    }

    @Test("a camera that is gone is said to be")
    func gone() {
        #expect(throws: CameraError.gone("/nonexistent")) { _ = try PointingControls(path: "/nonexistent").pointing() }
    }
}
