import NodeCore
import NodeTesting
import Testing

@testable import NodeDoctor

@Suite struct CameraCheckTests {
    @Test("cameras are listed, and the one in use is marked") func listed() {
        let json = #"{"devices":[{"id":"a","name":"Cam A","busy":true},{"id":"b","name":"Cam B"}]}"#
        let finding = CameraCheck.judge(Reply(outcome: .success(Array(json.utf8))))
        #expect(finding == .ok("camera.list", "a (Cam A, in use), b (Cam B)"))
        #expect(CameraCheck.judge(Reply(outcome: .success(Array(#"{"devices":[]}"#.utf8)))).verdict == .note)
    }

    @Test("a refusal is told in its own words") func refused() {
        let finding = CameraCheck.judge(.refused(Refusal(.unavailable, "nobody listens; start it")))
        #expect(finding == .error("camera.list", "nobody listens", remedy: "start it"))
    }
}
