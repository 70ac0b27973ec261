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

    @Test("for a directory that is not there yet the nearest one counts") func nearest() async throws {
        try await Scene.run { scene in
            let findings = DiskCheck().look(at: try scene.patient())
            #expect(findings.map(\.check) == DiskCheck.topics)
            #expect(findings.allSatisfy { $0.verdict != .skipped })
        }
    }
}
