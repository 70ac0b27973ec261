import Glibc
import LinuxIO
import Synchronization

/// An X server of Debian's without any hardware: Xvfb.
package struct VirtualDisplay: Sendable {
    package let process: ChildProcess
    /// As `DISPLAY` has it.
    package let name: String

    /// The last that was given. Of two servers that have the same one after the other, the first takes the second's socket away when it is
    /// slow to end; and those up to 32 are taken by compositors, too.
    private static let number = Atomic(1_000 + Int(getpid()) % 500 * 100)

    /// Returns once it listens; it writes into `folder`. `arguments` beside those that every server of a test has.
    package static func start(
        _ arguments: [String] = [], screen: String = "640x480x24", in folder: ScratchFolder, on loop: EventLoop
    ) async throws -> VirtualDisplay {
        let log = try FileDescriptor(opening: folder.file("xlog"), flags: O_WRONLY | O_CREAT, mode: 0o600)
        let told = try FileDescriptor(opening: folder.file("number"), flags: O_WRONLY | O_CREAT, mode: 0o600)
        let display = number.add(1, ordering: .relaxed).newValue
        // It begins anew when its last client goes, unless told otherwise.
        let process = try ChildProcess.spawn(
            "/usr/bin/Xvfb",
            arguments: [":\(display)", "-displayfd", "3", "-noreset", "-nolisten", "tcp", "-screen", "0", screen]
                + arguments,
            descriptors: [(log.raw, as: 1), (log.raw, as: 2), (told.raw, as: 3)], on: loop)
        while true {
            let text = String(decoding: try StateFile.read(folder.file("number")), as: UTF8.self)
            if text.hasSuffix("\n") { return VirtualDisplay(process: process, name: ":" + text.dropLast()) }
            try await loop.sleep(for: .milliseconds(20))
        }
    }

    package func end(on loop: EventLoop) async {
        process.signal(SIGCONT)
        process.signal(SIGTERM)
        _ = await loop.within(.seconds(10)) { try? await process.wait() }
        await process.end()
        // One that was killed leaves it behind.
        unlink("/tmp/.X11-unix/X" + name.dropFirst())
    }
}
