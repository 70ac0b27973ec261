import Glibc
import LinuxIO
import NodeTesting
import PracticeGateway
import Testing

/// `clawnode-demo`, as it is called in some directory.
@Suite struct DemoTests {
    private func start(in folder: String, _ words: String..., on loop: EventLoop) throws -> HeardProgram {
        try HeardProgram(
            "/bin/sh", ["-c", "cd \"$0\" && exec \"$@\"", folder, Stage.program + "-demo"] + words, on: loop)
    }

    @Test("where no report can be written, the demo says so at once, with the directory and what to do")
    func unwritable() async throws {
        let folder = try ScratchFolder()
        try StateFile.write(folder.file("clawnode-demo"), [], durable: false)
        try await onEventLoop { loop in
            // Root may write nearly everywhere, but in no file as if it were a folder, and not in the kernel's.
            for (place, reason) in [(folder.path, "Not a directory"), ("/proc", "")] {
                let demo = try start(in: place, on: loop)
                #expect(try await demo.process.wait() == .exited(73))
                try await demo.hearEnd()
                #expect(demo.heard.hasPrefix("clawnode-demo: \(place)/clawnode-demo cannot be written: \(reason)"))
                #expect(demo.heard.hasSuffix("start it again: cd && \(Stage.program)-demo\n"))
            }
        }
    }
}
