import Gateway
import Glibc
import LinuxIO
import NodeCore
import NodeTesting
import Testing

@testable import NodeDoctor
@testable import NodeRuntime
@testable import Worker

@Suite struct DaemonCheckTests {
    func look(_ scene: Scene, _ configuration: String = "{}", isRoot: Bool = false) throws -> [Finding] {
        DaemonCheck().look(at: try scene.patient(configuration, isRoot: isRoot))
    }

    @Test("a daemon that does not run is an error where a gateway waits for it, and otherwise a note")
    func absent() async throws {
        try await Scene.run { scene in
            #expect(try look(scene)["daemon"]?.verdict == .note)
            let joined = try look(scene, "{\"gateway\": \"ws://127.0.0.1:9\"}")["daemon"]
            #expect(joined?.verdict == .error && joined?.remedy == "clawnode run")
            try await scene.systemd([:])
            #expect(try look(scene, isRoot: true)["daemon"]?.remedy == "sudo systemctl start clawnode")
        }
    }

    @Test("one that runs and is well is fine in every respect") func well() async throws {
        try await Scene.run { scene in
            let daemon = try scene.daemon(Scene.now())
            #expect(try look(scene).map(\.verdict) == [.ok, .ok, .ok])
            withExtendedLifetime(daemon) {}
        }
    }

    @Test("one without a status may have another runtime directory") func untold() async throws {
        try await Scene.run { scene in
            let daemon = try StateDirectory(claiming: scene.state)
            let finding = try look(scene)["daemon"]
            #expect(finding?.verdict == .warning)
            #expect(finding?.remedy?.contains("--runtime-dir") == true)
            withExtendedLifetime(daemon) {}
        }
    }

    @Test("a service whose runtime directory was removed is started again") func homeless() async throws {
        try await Scene.run { scene in
            try StateFile.makeDirectory(scene.scratch.file("root") + "/run/systemd/system", mode: 0o755)
            let daemon = try StateDirectory(claiming: scene.state)
            let finding = DaemonCheck().look(at: try scene.patient(isRoot: true))["daemon"]
            #expect(finding?.verdict == .error)
            #expect(finding?.remedy == "sudo systemctl restart clawnode")
            withExtendedLifetime(daemon) {}
        }
    }

    @Test("one of another version, or from before a change, is to be restarted") func outdated() async throws {
        try await Scene.run { scene in
            var status = Scene.now()
            status.version = "0.0.1"
            var daemon = try scene.daemon(status)
            let old = try look(scene)["daemon.version"]
            #expect(old?.verdict == .warning && old?.summary.contains("0.0.1") == true)
            #expect(old?.remedy?.hasPrefix("kill \(getpid())") == true)

            _ = consume daemon
            status = Scene.now()
            status.startedAtMs = 1
            daemon = try scene.daemon(status)
            let changed = try look(scene)["daemon.version"]
            #expect(changed?.verdict == .note)
            #expect(changed?.summary.contains(scene.scratch.file("clawnode.json")) == true)
            withExtendedLifetime(daemon) {}
        }
    }

    @Test("its conditions are told in its own words, except those that other checks tell") func conditions()
        async throws
    {
        try await Scene.run { scene in
            var status = Scene.now()
            let own = Condition(id: "state-unwritable", severity: .error, summary: "no room", remedy: "df -h")
            let other = Condition(id: "device-approval", severity: .warning, summary: "approve", remedy: "x")
            status.conditions = [own, other]
            let daemon = try scene.daemon(status)
            let findings = try look(scene).filter { $0.check == "daemon.conditions" }
            #expect(findings == [.error("daemon.conditions", "no room", remedy: "df -h")])
            withExtendedLifetime(daemon) {}
        }
    }

    @Test("a worker that keeps ending is told") func crashes() async throws {
        try await Scene.run { scene in
            var status = Scene.now()
            status.workers = [.init(name: "clawnode-media", pid: nil, running: 0, crashes: 3)]
            let daemon = try scene.daemon(status)
            let finding = try look(scene)["daemon.conditions"]
            #expect(finding?.verdict == .note && finding?.summary.contains("3 times") == true)
            withExtendedLifetime(daemon) {}
        }
    }
}
