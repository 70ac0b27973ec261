import Glibc
import LinuxIO

/// The screen that the node is to show: the session's, where the demo is started in one, else that of a server without any
/// hardware (Xvfb), with a clock on it.
struct Desktop: Sendable {
    /// Of its own server; nil in a session, which the node finds by itself.
    let display: String?
    private let programs: [ChildProcess]
    private let loop: EventLoop

    /// Nil where there is none and none can be made.
    static func find(scratch: String, on loop: EventLoop) async throws -> Desktop? {
        let variables = EnvironmentVariables.current()
        if [variables["DISPLAY"], variables["WAYLAND_DISPLAY"]].contains(where: { $0?.isEmpty == false }) {
            return Desktop(display: nil, programs: [], loop: loop)
        }
        let server = "/usr/bin/Xvfb"
        guard access(server, X_OK) == 0 else { return nil }
        let number = scratch + "/display"
        let log = scratch + "/desktop.log"
        // It takes the first number that is free, and writes it when it listens. It would begin anew when its last client goes.
        let words = [server, "-displayfd", "1", "-noreset", "-nolisten", "tcp", "-screen", "0", "1280x720x24"]
        let program = try Companion.start(words, output: number, log: log, on: loop)
        do {
            guard let display = try await told(number, on: loop) else {
                await Desktop(display: nil, programs: [program], loop: loop).end()
                return nil
            }
            let words = ["/usr/bin/xclock", "-display", display, "-update", "1", "-geometry", "600x600+340+60"]
            let clock = try Companion.start(words, output: scratch + "/clock", log: log, on: loop)
            return Desktop(display: display, programs: [clock, program], loop: loop)
        } catch {
            await Desktop(display: nil, programs: [program], loop: loop).end()
            throw error
        }
    }

    /// What the server has written to `file`; nil when it has not in ten seconds.
    private static func told(_ file: String, on loop: EventLoop) async throws -> String? {
        let deadline = loop.now + .seconds(10)
        while loop.now < deadline {
            let text = String(decoding: try StateFile.read(file), as: UTF8.self)
            if text.hasSuffix("\n") { return ":" + text.dropLast() }
            try await loop.sleep(for: .milliseconds(20))
        }
        return nil
    }

    /// Also in a task that is cancelled.
    func end() async {
        await Task {
            for program in programs {
                // A server that is killed leaves its socket behind. How it ends makes no difference.
                program.signal(SIGTERM)
                _ = await loop.within(.seconds(2)) { try? await program.wait() }
                await program.end()
            }
        }.value
    }
}
