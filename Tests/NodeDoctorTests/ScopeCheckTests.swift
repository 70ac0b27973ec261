import Testing

@testable import NodeDoctor

@Suite struct ScopeCheckTests {
    static let running = ["clawnode.service": ["LoadState": "loaded", "ActiveState": "active"]]

    @Test("whoever looks at a node of their own is told of the machine's, which runs") func other() async throws {
        try await Scene.run { scene in
            try await scene.systemd(Self.running)
            let finding = await ScopeCheck().findings(in: try scene.patient())["scope"]
            #expect(finding?.verdict == .note)
            #expect(finding?.remedy == "sudo clawnode doctor")
        }
    }

    @Test("root looks at the machine's, and a node that runs is the one that is meant") func same() async throws {
        try await Scene.run { scene in
            try await scene.systemd(Self.running)
            #expect(try await ScopeCheck().findings(in: scene.patient(isRoot: true))["scope"]?.verdict == .ok)
            let daemon = try scene.daemon(Scene.now())
            #expect(try await ScopeCheck().findings(in: scene.patient())["scope"]?.verdict == .ok)
            withExtendedLifetime(daemon) {}
        }
    }
}
