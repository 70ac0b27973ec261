import Glibc
import LinuxIO
import NodeCore
import NodeTesting
import Testing

@testable import NodeDoctor

@Suite struct MicrophoneCheckTests {
    private static let none = Reply(outcome: .success(Array(#"{"sinks":[],"sources":[]}"#.utf8)))

    private func judge(_ reply: Reply, devices: [String] = [], _ user: User = .own) -> Finding {
        MicrophoneCheck.judge(reply, devices: devices, user, restart: "again", closerLook: "look")
    }

    @Test("microphones are named, and what the machine plays is none") func listed() {
        let monitor = #"{"id":"out.monitor","name":"Monitor","monitor":true,"default":false}"#
        let microphone = #"{"id":"mic","name":"Webcam","monitor":false,"default":true}"#
        let both = Reply(outcome: .success(Array(#"{"sources":[\#(monitor),\#(microphone)]}"#.utf8)))
        #expect(judge(both) == .ok("microphone.list", "mic (Webcam)"))
        let one = judge(Reply(outcome: .success(Array(#"{"sources":[\#(monitor)]}"#.utf8))))
        #expect(one.verdict == .note && one.summary.contains("only what the machine plays"))
        #expect(judge(Self.none).verdict == .note)
    }

    @Test("where none is heard for want of a group, that is said, with the line that mends it") func denied()
        async throws
    {
        try await Scene.run { scene in
            chmod(scene.scratch.path, 0o755)
            for name in ["pcmC0D0c", "pcmC0D0p", "controlC0"] {
                try scene.place("", at: "/dev/snd/" + name, mode: 0o660)
            }
            let devices = try MicrophoneCheck.devices(scene.patient())
            #expect(devices == [scene.scratch.file("root") + "/dev/snd/pcmC0D0c"])
            let finding = judge(Self.none, devices: devices, CameraAccessCheckTests.stranger)
            #expect(finding.verdict == .error && finding.summary.contains("pcmC0D0c belongs to the group "))
            #expect(finding.remedy?.hasPrefix("sudo usermod -aG ") == true)
            #expect(finding.remedy?.hasSuffix(" stranger && again") == true)
            #expect(judge(Self.none, devices: devices).verdict == .note)
        }
    }

    @Test("a server's refusal is told in its own words, and one of a worker that fails with where to look")
    func refused() {
        let server = judge(.refused(Refusal("MIC_PERMISSION_REQUIRED", "no permission to use it; run this")))
        #expect(server == .error("microphone.list", "no permission to use it", remedy: "run this"))
        let worker = judge(.refused(Refusal(.unavailable, "it ended; the next call starts one")))
        #expect(worker == .error("microphone.list", "it ended; the next call starts one", remedy: "look"))
    }

    @Test("where microphones are off nobody is asked") func off() async throws {
        try await Scene.run { scene in
            let finding = await MicrophoneCheck().findings(in: try scene.patient())["microphone.list"]
            #expect(finding == .skipped("microphone.list", "microphone is off"))
        }
    }
}
