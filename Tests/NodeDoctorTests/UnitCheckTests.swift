import NodeTesting
import Testing

@testable import NodeDoctor

@Suite struct UnitCheckTests {
    /// What `systemctl show` says of the shipped unit, as far as it is looked at.
    static let shipped = [
        "LoadState": "loaded", "ActiveState": "active", "UnitFileState": "enabled", "NeedDaemonReload": "no",
        "NRestarts": "0", "User": "clawnode", "WatchdogUSec": "3min", "NoNewPrivileges": "yes",
        "PrivateDevices": "yes", "PrivateTmp": "yes", "ProtectSystem": "strict", "ProtectHome": "yes",
        "ProtectKernelModules": "yes", "ProtectKernelTunables": "yes", "ProtectControlGroups": "yes",
        "RestrictNamespaces": "yes", "RestrictSUIDSGID": "yes", "MemoryDenyWriteExecute": "yes",
        "LockPersonality": "yes", "CapabilityBoundingSet": "", "PrivateUsers": "no", "ProcSubset": "all",
        "FragmentPath": "/usr/lib/systemd/system/clawnode.service", "DropInPaths": "",
    ]
    static let socketMode = "{\"workers\": {\"media\": \"socket\", \"mediaSocket\": \"/none\"}}"

    func findings(
        _ scene: Scene, _ changes: [String: String] = [:],
        socket: [String: String] = ["LoadState": "loaded", "ActiveState": "active"]
    ) async throws -> [Finding] {
        try await scene.systemd([
            "clawnode.service": Self.shipped.merging(changes) { $1 }, "clawnode-media.socket": socket,
        ])
        return await UnitCheck().findings(in: try scene.patient(Self.socketMode, isRoot: true))
    }

    @Test("a unit as it was shipped is fine") func shipped() async throws {
        try await Scene.run { scene in
            let findings = try await findings(scene)
            #expect(findings.map(\.verdict) == [.ok, .ok, .ok])
        }
    }

    @Test(
        "a service that will not serve is told with the line that mends it",
        arguments: [
            (["NeedDaemonReload": "yes"], Finding.Verdict.warning, "sudo systemctl daemon-reload"),
            (["ActiveState": "failed", "Result": "exit-code"], .error, "sudo systemctl restart clawnode.service"),
            (["ActiveState": "inactive"], .warning, "sudo systemctl start clawnode.service"),
            (["UnitFileState": "disabled"], .warning, "sudo systemctl enable clawnode.service"),
            (["NRestarts": "7"], .note, "sudo journalctl -u clawnode.service"),
            (
                ["LoadState": "masked"], .error,
                "sudo systemctl unmask clawnode.service && sudo systemctl enable --now clawnode.service"
            ),
            (
                ["ActiveState": "activating", "SubState": "auto-restart", "ExecMainStatus": "73"], .error,
                "sudo journalctl -u clawnode.service -n 20"
            ),
            (
                ["ActiveState": "deactivating", "SubState": "stop-post", "Result": "exit-code", "ExecMainStatus": "1"],
                .error, "sudo journalctl -u clawnode.service -n 20"
            ),
            // EXIT_NAMESPACE: before Debian 13 systemd needs room in /tmp to start a service with a sandbox.
            (
                ["ActiveState": "activating", "SubState": "auto-restart-queued", "ExecMainStatus": "226"], .error,
                "sudo apt clean; sudo journalctl --vacuum-size=50M; df -h /tmp"
            ),
            (
                ["ActiveState": "activating", "SubState": "auto-restart", "ExecMainStatus": "226"], .error,
                "sudo apt clean; sudo journalctl --vacuum-size=50M; df -h /tmp"
            ),
        ])
    func service(changes: [String: String], verdict: Finding.Verdict, line: String) async throws {
        try await Scene.run { scene in
            let finding = try await findings(scene, changes)["units.service"]
            #expect(finding?.verdict == verdict)
            #expect(finding?.remedy?.contains(line) == true)
        }
    }

    @Test("a service that is being stopped as asked is no fault") func stopping() async throws {
        try await Scene.run { scene in
            let changes = ["ActiveState": "deactivating", "SubState": "stop-sigterm", "Result": "success"]
            let finding = try await findings(scene, changes)["units.service"]
            #expect(finding?.verdict == .ok)
        }
    }

    @Test(
        "what weakens the sandbox, blinds the daemon or ends the watch is named, with the file that does it",
        arguments: [
            (["PrivateDevices": "no"], "PrivateDevices=no"), (["ProtectSystem": "no"], "ProtectSystem=no"),
            (["CapabilityBoundingSet": "cap_net_admin"], "CapabilityBoundingSet=cap_net_admin"),
            (["User": ""], "User=root"), (["WatchdogUSec": "0"], "WatchdogSec=0"),
            (["WatchdogUSec": "infinity"], "WatchdogSec=0"), (["PrivateUsers": "yes"], "PrivateUsers=yes"),
        ])
    func confinement(changes: [String: String], words: String) async throws {
        try await Scene.run { scene in
            let file = "/etc/systemd/system/clawnode.service.d/override.conf"
            let changes = changes.merging(["DropInPaths": "/usr/lib/systemd/system/service.d/x.conf \(file)"]) { $1 }
            let finding = try await findings(scene, changes)["units.confinement"]
            #expect(finding?.verdict == .warning)
            #expect(finding?.summary.hasPrefix("\(file) changes") == true)
            #expect(finding?.summary.hasSuffix(words) == true)
            #expect(finding?.remedy?.contains("systemctl revert clawnode.service") == true)
        }
    }

    @Test("a worker's unit that lets it into the network is named") func worker() async throws {
        try await Scene.run { scene in
            try await scene.systemd([
                "clawnode.service": Self.shipped,
                "clawnode-media@doctor.service": [
                    "LoadState": "loaded", "User": "clawnode-media", "PrivateNetwork": "no",
                    "FragmentPath": "/etc/systemd/system/clawnode-media@.service",
                ],
            ])
            let findings = await UnitCheck().findings(in: try scene.patient(Self.socketMode, isRoot: true))
            let worker = findings.last { $0.check == "units.confinement" }
            #expect(worker?.verdict == .warning && worker?.summary.hasSuffix(": PrivateNetwork=no") == true)
            #expect(worker?.remedy?.hasPrefix("sudo systemctl revert clawnode-media@.service") == true)
        }
    }

    @Test("a socket that nobody listens at is enabled by its line") func socket() async throws {
        try await Scene.run { scene in
            let finding = try await findings(scene, socket: ["LoadState": "loaded", "ActiveState": "inactive"])[
                "units.socket"]
            #expect(finding?.verdict == .error)
            #expect(finding?.remedy == "sudo systemctl enable --now clawnode-media.socket")
        }
    }

    @Test("a unit that a user has never enabled is not missed") func users() async throws {
        try await Scene.run { scene in
            let states = ["ActiveState": "inactive", "UnitFileState": "disabled"]
            try await scene.systemd(["clawnode.service": Self.shipped.merging(states) { $1 }])
            let finding = await UnitCheck().findings(in: try scene.patient())["units.service"]
            #expect(finding?.verdict == .note)
            #expect(finding?.remedy == "systemctl --user enable --now clawnode.service")
        }
    }

    @Test("of a socket or a worker that is masked it is told what unmasks it") func masked() async throws {
        try await Scene.run { scene in
            let masked = ["LoadState": "masked", "ActiveState": "inactive"]
            let socket = try await findings(scene, socket: masked)["units.socket"]
            #expect(
                socket?.remedy
                    == "sudo systemctl unmask clawnode-media.socket && sudo systemctl enable --now clawnode-media.socket"
            )
            try await scene.systemd([
                "clawnode.service": Self.shipped, "clawnode-media@doctor.service": masked,
                "clawnode-media.socket": ["LoadState": "loaded", "ActiveState": "active"],
            ])
            let worker = await UnitCheck().findings(in: try scene.patient(Self.socketMode, isRoot: true)).last
            #expect(worker?.verdict == .error)
            #expect(
                worker?.remedy
                    == "sudo systemctl unmask clawnode-media@.service && sudo systemctl restart clawnode-media.socket")
        }
    }

    @Test("without systemd, without the unit, or where systemd cannot be asked, nothing is claimed") func none()
        async throws
    {
        try await Scene.run { scene in
            func verdicts() async throws -> [Finding.Verdict] {
                await UnitCheck().findings(in: try scene.patient(isRoot: true)).map(\.verdict)
            }
            #expect(try await verdicts() == [.skipped, .skipped, .skipped])
            try await scene.systemd([:])
            #expect(try await verdicts() == [.skipped, .skipped, .skipped])
            try await scene.place(program: "#!/bin/sh\nexit 1\n", at: "/usr/bin/systemctl")
            #expect(try await verdicts() == [.skipped, .skipped, .skipped])
        }
    }
}
