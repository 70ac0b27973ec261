import PracticeGateway
import Testing

@Suite struct SurfaceApprovalsTests {
    private let start = ContinuousClock.now
    private let camera = Surface(caps: ["camera"], commands: ["camera.list", "camera.snap"])
    private let more = Surface(caps: ["camera"], commands: ["camera.list", "camera.snap", "camera.clip"])

    @Test("before the first approval each release lets live what it lets live", arguments: GatewayRelease.allCases)
    func first(release: GatewayRelease) {
        var approvals = SurfaceApprovals(release: release)
        let assessment = approvals.assess("n", declared: camera, now: start, newID: "r")
        #expect(assessment.live == (release == .newest ? .nothing : camera))
        #expect((assessment.request != nil) == (release != .january))
    }

    @Test("what was approved is live; what is declared beyond waits", arguments: [GatewayRelease.april, .newest])
    func widening(release: GatewayRelease) {
        var approvals = SurfaceApprovals(release: release)
        _ = approvals.assess("n", declared: camera, now: start, newID: "r1")
        #expect(approvals.approve("r1", now: start)?.surface == camera)
        let same = approvals.assess("n", declared: camera, now: start, newID: "r2")
        #expect(same.live == camera && same.request == nil)
        let wider = approvals.assess("n", declared: more, now: start, newID: "r3")
        #expect(wider.live == camera && wider.request?.id == "r3" && wider.isNew)
        #expect(approvals.assess("n", declared: more, now: start, newID: "r4").request?.id == "r3")
    }

    @Test("narrowing never asks") func narrowing() {
        var approvals = SurfaceApprovals(release: .newest)
        _ = approvals.assess("n", declared: more, now: start, newID: "r1")
        _ = approvals.approve("r1", now: start)
        let narrower = approvals.assess("n", declared: camera, now: start, newID: "r2")
        #expect(narrower.live == camera && narrower.request == nil)
    }

    @Test("a permission that is granted widens, too") func permissions() {
        var approvals = SurfaceApprovals(release: .newest)
        approvals.approve(camera, of: "n")
        var granted = camera
        granted.permissions = ["camera.capture"]
        #expect(approvals.assess("n", declared: granted, now: start, newID: "r").request != nil)
    }

    @Test(
        "in April a request is forgotten after five minutes, in the newest release never",
        arguments: [
            (GatewayRelease.april, 0), (.newest, 1),
        ])
    func timeToLive(release: GatewayRelease, left: Int) {
        var approvals = SurfaceApprovals(release: release)
        _ = approvals.assess("n", declared: camera, now: start, newID: "r")
        #expect(approvals.pending(at: start + .seconds(300)).count == left)
        #expect((approvals.approve("r", now: start + .seconds(300)) != nil) == (left == 1))
    }

    @Test("rejected, the node may ask again") func rejected() {
        var approvals = SurfaceApprovals(release: .newest)
        _ = approvals.assess("n", declared: camera, now: start, newID: "r1")
        #expect(approvals.reject("r1", now: start)?.nodeID == "n")
        #expect(approvals.assess("n", declared: camera, now: start, newID: "r2").isNew)
    }
}
