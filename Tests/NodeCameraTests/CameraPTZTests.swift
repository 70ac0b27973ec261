import NodeCamera
import NodeCore
import NodeMedia
import NodeTesting
import Synchronization
import Testing

@testable import NodeCamera

/// A camera that turns, and does not zoom.
private final class TurningCamera: CameraDriver, Camera {
    private let state = Mutex((pan: 10.0, tilt: -5.0))
    private let stuck: Pointing.Direction?

    init(stuck: Pointing.Direction? = nil) { self.stuck = stuck }

    func cameras() async throws(CameraError) -> [CameraInfo] { [] }
    func open(_ id: CameraInfo.ID?) async throws(CameraError) -> any Camera { self }
    func still(_ request: StillRequest) async throws(CameraError) -> Image { throw .noFrame("") }

    func film<R: Sendable>(
        _ request: FilmRequest, _ body: @Sendable (ClipPlan.Video, FrameSequence) async throws -> R
    ) async throws -> R {
        throw CameraError.noFrame("")
    }

    func pointing() async throws(CameraError) -> Pointing {
        let now = state.withLock { $0 }
        let axes: [Pointing.Direction: Pointing.Axis] = [
            .pan: .init(.pan, current: now.pan, min: -170, max: 170, step: 1, canSet: true, default: 0),
            .tilt: .init(.tilt, current: now.tilt, min: -30, max: 30, step: 1, canSet: true, default: 0),
        ]
        guard let pointing = Pointing(axes) else { throw .pointingUnsupported }
        return pointing
    }

    func point(to targets: [Pointing.Direction: Double]) async throws(CameraError) {
        if let pan = targets[.pan] { state.withLock { $0.pan = pan } }
        if stuck == .tilt, targets[.tilt] != nil {
            throw .pointedPartly("fake", moved: [.pan], failed: .tilt, reason: "stuck")
        }
        if let tilt = targets[.tilt] { state.withLock { $0.tilt = tilt } }
    }

    func pointHome() async throws(CameraError) { state.withLock { $0 = (0, 0) } }
}

@Suite("Camera pan, tilt and zoom")
struct CameraPTZTests {
    private func answer(
        _ camera: any CameraDriver, _ command: CommandName, _ params: String
    ) async throws -> String {
        let capability = CameraCapability.capability(driver: camera, encoder: EchoEncoder())
        let handler = try #require(capability.handlers.first { $0.name == command })
        let invocation = Invocation(id: "1", command: command, params: Array(params.utf8), payloadLimit: 1 << 20)
        switch await handler.perform(invocation, .test).outcome {
        case .success(let bytes): return String(decoding: bytes, as: UTF8.self)
        case .failure(let refusal): return "\(refusal.code.rawValue): \(refusal.message)"
        }
    }

    private let control: CommandName = "camera.ptz.control"

    @Test("the status has an axis for each way the camera moves, in degrees")
    func status() async throws {
        let text = try await answer(TurningCamera(), "camera.ptz.status", "{}")
        #expect(text.contains(#""canHome":true"#) && text.contains(#""unit":"degrees""#))
        #expect(text.contains(#""current":10"#) && text.contains(#""min":-170"#) && !text.contains("zoom"))
    }

    @Test("a target is set, a delta is added, and what goes too far is clamped and said")
    func moves() async throws {
        let camera = TurningCamera()
        let set = try await answer(camera, control, #"{"operation":"set","target":{"panDegrees":90,"tiltDegrees":99}}"#)
        #expect(set.contains(#""current":90"#) && set.contains(#""adjusted":{"tiltDegrees":30}"#), "\(set)")
        let moved = try await answer(camera, control, #"{"operation":"move","delta":{"panDegrees":-20}}"#)
        #expect(moved.contains(#""current":70"#) && moved.contains(#""adjusted":{}"#), "\(moved)")
        let home = try await answer(camera, control, #"{"operation":"home"}"#)
        #expect(home.contains(#""current":0"#) && !home.contains(#""current":70"#), "\(home)")
    }

    @Test(
        "what cannot be done is refused with its own code",
        arguments: [
            (#"{"operation":"set","target":{"zoomPercent":5}}"#, "CAMERA_PTZ_AXIS_UNSUPPORTED: "),
            (
                #"{"operation":"set","target":{"panDegrees":5,"tiltDegrees":5}}"#,
                "CAMERA_PTZ_PARTIAL: fake moved pan, but not tilt"
            ),
            (#"{"operation":"set"}"#, "INVALID_REQUEST: "),
            (#"{"operation":"move","target":{"panDegrees":5}}"#, "INVALID_REQUEST: "),
            (#"{"operation":"spin"}"#, "INVALID_REQUEST: "), ("{}", "INVALID_REQUEST: "),
        ])
    func refused(params: String, message: String) async throws {
        let answer = try await answer(TurningCamera(stuck: .tilt), control, params)
        #expect(answer.hasPrefix(message), "\(answer)")
    }

    @Test("a camera that does not move says so to both commands")
    func unsupported() async throws {
        for (command, params) in [(control, #"{"operation":"home"}"#), ("camera.ptz.status", "{}")] {
            #expect(try await answer(StillCamera(), command, params).hasPrefix("CAMERA_PTZ_UNSUPPORTED: "))
        }
    }
}
