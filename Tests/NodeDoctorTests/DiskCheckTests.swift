import Glibc
import LinuxIO
import NodeTesting
import Testing

@testable import NodeDoctor

@Suite struct DiskCheckTests {
    @Test(
        "a disk is judged by what is left on it",
        arguments: [
            (DiskSpace(freeBytes: 1 << 30, totalBytes: 1 << 34), Finding.Verdict.ok),
            (DiskSpace(freeBytes: 1 << 20, totalBytes: 1 << 34), .warning),
            (DiskSpace(freeBytes: 4000, totalBytes: 1 << 34), .error),
            (DiskSpace(freeBytes: 1 << 30, totalBytes: 1 << 34, freeFiles: 0), .error),
            (DiskSpace(freeBytes: 1 << 30, totalBytes: 1 << 34, isReadOnly: true), .error),
            // A small one is not a full one.
            (DiskSpace(freeBytes: 9 << 20, totalBytes: 10 << 20), .ok),
        ])
    func judged(space: DiskSpace, verdict: Finding.Verdict) {
        #expect(DiskCheck.judge("disk.state", space, "/x").verdict == verdict)
    }

    @Test(
        "who may not write there, or may not make what is missing, is told the line that changes it",
        .enabled(if: geteuid() == 0, "needs root, whose daemon can be somebody else's"))
    func denied() async throws {
        try await Scene.run { scene in
            try StateFile.makeDirectory(scene.state)
            try call { chown(scene.state, 61_234, 61_234) }
            try call { chmod(scene.state, 0o500) }
            try call { chmod(scene.scratch.path, 0o711) }
            func look(isRoot: Bool) throws -> [Finding] { DiskCheck().look(at: try scene.patient(isRoot: isRoot)) }
            let findings = try look(isRoot: false)
            #expect(findings.map(\.verdict) == [.error, .error])
            #expect(findings["disk.state"]?.remedy?.hasPrefix("sudo chown 61234: \(scene.state) && ") == true)
            #expect(
                findings["disk.runtime"]?.remedy == "sudo install -d -m 0700 -o 61234 \(scene.scratch.file("run"))")
            // systemd makes the machine's.
            #expect(try look(isRoot: true)["disk.runtime"]?.verdict != .error)
        }
    }

    @Test("a full disk is told with a line that makes room, and not only with one that looks") func room() {
        let finding = DiskCheck.judge("disk.state", DiskSpace(freeBytes: 0, totalBytes: 1 << 34), "/x")
        #expect(finding.remedy == "sudo apt clean; sudo journalctl --vacuum-size=50M; df -h /x")
    }

    @Test("for a directory that is not there yet the nearest one counts") func nearest() async throws {
        try await Scene.run { scene in
            let findings = DiskCheck().look(at: try scene.patient())
            #expect(findings.map(\.check) == DiskCheck.topics)
            #expect(findings.allSatisfy { $0.verdict != .skipped })
        }
    }
}
