import NodeCore
import NodeTesting
import Testing

@testable import NodeDoctor

@Suite struct CameraCheckTests {
    @Test("cameras are listed, and the one in use is marked") func listed() {
        let json = #"{"devices":[{"id":"a","name":"Cam A","busy":true},{"id":"b","name":"Cam B"}]}"#
        let finding = CameraCheck.judge(Reply(outcome: .success(Array(json.utf8))), .user, closerLook: "look")
        #expect(finding == .ok("camera.list", "a (Cam A, in use), b (Cam B)"))
        #expect(
            CameraCheck.judge(Reply(outcome: .success(Array(#"{"devices":[]}"#.utf8))), .user, closerLook: "look")
                .verdict
                == .note)
    }

    @Test("a camera's refusal is told in its own words, and one of a worker that fails with where to look")
    func refused() {
        let camera = CameraCheck.judge(
            .refused(Refusal("CAMERA_UNAVAILABLE", "no camera found; plug one in")), .user, closerLook: "look")
        #expect(camera == .error("camera.list", "no camera found", remedy: "plug one in"))
        let worker = CameraCheck.judge(
            .refused(Refusal(.unavailable, "it ended; the next call starts one")), .user, closerLook: "look")
        #expect(worker == .error("camera.list", "it ended; the next call starts one", remedy: "look"))
        let unit = CameraCheck.judge(
            .refused(Refusal(.unavailable, "nobody listens; on the node's machine: x")), .user, closerLook: "look")
        #expect(unit == .error("camera.list", "nobody listens", remedy: "x"))
    }
}
