import Glibc
import LinuxIO

/// An X server of Debian's without any hardware: Xvfb.
package struct VirtualDisplay: Sendable {
    package let process: ChildProcess
    /// As `DISPLAY` has it.
    package let name: String

    /// Returns once it listens; it writes into `folder`. `arguments` beside those that every server of a test has.
    package static func start(
        _ arguments: [String] = [], screen: String = "640x480x24", in folder: ScratchFolder, on loop: EventLoop
    ) async throws -> VirtualDisplay {
        let log = try FileDescriptor(opening: folder.file("xlog"), flags: O_WRONLY | O_CREAT, mode: 0o600)
        let number = try FileDescriptor(opening: folder.file("number"), flags: O_WRONLY | O_CREAT, mode: 0o600)
        // It begins anew when its last client goes, unless told otherwise.
        let process = try ChildProcess.spawn(
            "/usr/bin/Xvfb",
            arguments: ["-displayfd", "3", "-noreset", "-nolisten", "tcp", "-screen", "0", screen] + arguments,
            descriptors: [(log.raw, as: 1), (log.raw, as: 2), (number.raw, as: 3)], on: loop)
        while true {
            let text = String(decoding: try StateFile.read(folder.file("number")), as: UTF8.self)
            if text.hasSuffix("\n") { return VirtualDisplay(process: process, name: ":" + text.dropLast()) }
            try await loop.sleep(for: .milliseconds(20))
        }
    }

    package func end(on loop: EventLoop) async {
        process.signal(SIGCONT)
        // Not killed: it would leave its socket behind.
        process.signal(SIGTERM)
        _ = await loop.within(.seconds(10)) { try? await process.wait() }
        await process.end()
    }
}
