import LinuxIO
import Testing

@testable import NodeDoctor

@Suite struct ClockCheckTests {
    static let now = 1_795_280_000_000

    @Test(
        "a time that cannot be is an error, one that nobody keeps right a note",
        arguments: [
            (now, true, Finding.Verdict.ok), (now, nil, .ok), (now, false, .note), (0, true, .error),
            (0, false, .error), (now + 100 * 365 * 86_400_000, nil, .error),
        ] as [(Int, Bool?, Finding.Verdict)])
    func judged(milliseconds: Int, isKept: Bool?, verdict: Finding.Verdict) {
        let finding = ClockCheck.judge(milliseconds, isKept: isKept)
        #expect(finding.verdict == verdict)
        #expect(finding.remedy == (verdict == .ok ? nil : "sudo timedatectl set-ntp true"))
    }

    @Test("this machine's clock is looked at, not set") func real() async throws {
        try await Scene.run { scene in
            let before = WallClock.milliseconds
            let patient = try scene.patient()
            #expect(ClockCheck().look(at: patient).map(\.check) == ["clock"])
            #expect(WallClock.milliseconds - before < 60_000)
        }
    }
}
