import Glibc
import LinuxIO

/// What the node is to hear where the machine has no microphone: a sound server without any hardware (PulseAudio), which hums.
struct SoundServer: Sendable {
    /// Where it listens, as `PULSE_SERVER` has it.
    let address: String
    let program: ChildProcess

    /// Nil where none can be started.
    static func start(scratch: String, on loop: EventLoop) async throws -> SoundServer? {
        let path = "/usr/bin/pulseaudio"
        guard access(path, X_OK) == 0 else { return nil }
        let socket = scratch + "/sound"
        let modules = [
            // Only who may look into the scratch folder finds it.
            "module-native-protocol-unix auth-anonymous=1 socket=\(socket)",
            "module-sine-source source_name=hum frequency=220",
        ]
        // Whatever it keeps, it keeps there.
        let words =
            ["/usr/bin/env", "HOME=" + scratch, "XDG_RUNTIME_DIR=" + scratch, path, "-n"]
            + ["--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1"]
        let log = scratch + "/sound.log"
        let program = try Companion.start(words + modules.flatMap { ["-L", $0] }, output: log, log: log, on: loop)
        do {
            let isThere = try await Companion.comes(on: loop) { access(socket, F_OK) == 0 ? true : nil }
            if isThere != nil { return SoundServer(address: "unix:" + socket, program: program) }
        } catch {
            await Companion.end([program], on: loop)
            throw error
        }
        await Companion.end([program], on: loop)
        return nil
    }
}
