import PracticeGateway
import Testing

@Suite struct CommandPolicyTests {
    @Test("no release gives a Linux node its camera unasked", arguments: GatewayRelease.allCases)
    func camera(release: GatewayRelease) {
        let policy = CommandPolicy(release: release)
        let declared = Surface(caps: ["camera", "system"], commands: ["camera.snap", "system.notify"])
        let left = policy.filter(declared, platform: "linux", deviceFamily: "Linux")
        #expect(left.commands == ["system.notify"])
        #expect(left.caps == (release == .newest ? ["system"] : ["camera", "system"]))
    }

    @Test("what the configuration denies stays denied") func deny() {
        let policy = CommandPolicy(release: .newest, allow: ["camera.snap", "camera.list"], deny: ["camera.list"])
        let allowed = policy.allowed(platform: "linux", deviceFamily: "Linux")
        #expect(allowed.contains("camera.snap") && !allowed.contains("camera.list"))
    }

    @Test(
        "the newest release wants platform and family exactly",
        arguments: [
            ("linux", "Linux", true), ("Linux", "linux", true), ("linux 6.8", "Linux", false), ("linux", "", false),
        ])
    func exact(platform: String, family: String, isLinux: Bool) {
        let allowed = CommandPolicy(release: .newest).allowed(platform: platform, deviceFamily: family)
        #expect(allowed.contains("system.run") == isLinux)
    }

    @Test(
        "each refusal says why",
        arguments: [
            ("", ["camera.snap"], "command required"), ("camera.clip", ["camera.clip"], "command not allowlisted"),
            ("camera.snap", [], "node did not declare commands"),
            ("camera.snap", ["system.notify"], "command not declared by node"),
        ])
    func reasons(command: String, live: [String], reason: String) {
        let policy = CommandPolicy(release: .april, allow: ["camera.snap"])
        let refusal = policy.refusal(of: command, live: live, platform: "linux", deviceFamily: "Linux")
        #expect(refusal?.details?["reason"]?.string == reason)
        #expect(policy.refusal(of: "camera.snap", live: ["camera.snap"], platform: "linux", deviceFamily: "") == nil)
    }
}
