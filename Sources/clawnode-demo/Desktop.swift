import Glibc
import LinuxIO

/// The screen that the node is to show: the session's, where the demo is started in one, else that of a server without any
/// hardware (Xvfb), with a clock on it.
struct Desktop: Sendable {
    /// Of its own server; nil in a session, which the node finds by itself.
    let display: String?
    let programs: [ChildProcess]

    /// Nil where there is none and none can be made.
    static func find(scratch: String, on loop: EventLoop) async throws -> Desktop? {
        let variables = EnvironmentVariables.current()
        if [variables["DISPLAY"], variables["WAYLAND_DISPLAY"]].contains(where: { $0?.isEmpty == false }) {
            return Desktop(display: nil, programs: [])
        }
        let server = "/usr/bin/Xvfb"
        guard access(server, X_OK) == 0 else { return nil }
        let number = scratch + "/display"
        let log = scratch + "/desktop.log"
        // It takes the first number that is free, and writes it when it listens. It would begin anew when its last client goes.
        let words = [server, "-displayfd", "1", "-noreset", "-nolisten", "tcp", "-screen", "0", "1280x720x24"]
        let program = try Companion.start(words, output: number, log: log, on: loop)
        do {
            let display = try await Companion.comes(on: loop) {
                let text = String(decoding: try StateFile.read(number), as: UTF8.self)
                return text.hasSuffix("\n") ? ":" + text.dropLast() : nil
            }
            guard let display else {
                await Companion.end([program], on: loop)
                return nil
            }
            let words = ["/usr/bin/xclock", "-display", display, "-update", "1", "-geometry", "600x600+340+60"]
            let clock = try Companion.start(words, output: scratch + "/clock", log: log, on: loop)
            return Desktop(display: display, programs: [clock, program])
        } catch {
            await Companion.end([program], on: loop)
            throw error
        }
    }
}
