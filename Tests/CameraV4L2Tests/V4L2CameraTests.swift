import NodeCamera
import NodeMedia
import Testing

@testable import CameraV4L2

private struct NoLightMeter: LightMeter {
    func meanLuminance(jpeg bytes: UnsafeRawBufferPointer) -> Double? { nil }
}

@Suite("V4L2 camera")
struct V4L2CameraTests {
    @Test("a request that is withdrawn before its turn does not open the device", arguments: [false, true])
    func withdrawn(isWithdrawn: Bool) async throws {
        let camera = try V4L2Camera(path: "/nonexistent", lightMeter: NoLightMeter()) {}
        let request = StillRequest(maxWidth: 640, warmUp: .untilSettled)
        await withTaskGroup(of: Void.self) { group in
            if isWithdrawn { group.cancelAll() }
            group.addTask {
                await #expect(throws: isWithdrawn ? CameraError.cancelled : .gone("/nonexistent")) {
                    try await camera.still(request)
                }
            }
        }
        #expect(!camera.isInUse)
    }

    @Test("a camera that is not there is not filmed, and nothing is left of the attempt", arguments: [false, true])
    func noFilm(isWithdrawn: Bool) async throws {
        let camera = try V4L2Camera(path: "/nonexistent", lightMeter: NoLightMeter()) {}
        await withTaskGroup(of: Void.self) { group in
            if isWithdrawn { group.cancelAll() }
            group.addTask {
                await #expect(throws: isWithdrawn ? CameraError.cancelled : .gone("/nonexistent")) {
                    try await camera.film(FilmRequest(bitsPerSecond: 1_000_000)) { _, frames in
                        _ = try await frames.next()
                    }
                }
            }
        }
        #expect(!camera.isInUse)
    }
}
