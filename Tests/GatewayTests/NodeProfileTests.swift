import Testing

@testable import Gateway

@Suite struct NodeProfileTests {
    static func profile(_ caps: [String], _ commands: [String], _ permissions: [String: Bool] = [:]) -> NodeProfile {
        NodeProfile(displayName: "", version: "1", caps: caps, commands: commands, permissions: permissions)
    }

    @Test("only what is claimed beyond what was known is a widening") func widening() {
        let known = Self.profile(["camera"], ["camera.list", "camera.snap"], ["a": true, "b": false])
        #expect(known.widening(of: nil) == nil && known.widening(of: "odd") == nil)
        #expect(known.widening(of: known.claims) == [])
        #expect(Self.profile([], ["camera.snap"], ["b": false]).widening(of: known.claims) == [])
        #expect(known.widening(of: Self.profile(["camera"], ["camera.snap"]).claims) == ["camera.list"])
        #expect(Self.profile(["x"], ["camera.list"], ["b": true]).widening(of: known.claims) == ["x", "b"])
        #expect(known.widening(of: Self.profile([], []).claims) == ["camera.list", "camera.snap"])
    }
}
