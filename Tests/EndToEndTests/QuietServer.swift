import Glibc
import LinuxIO
import NodeTesting

/// A PulseAudio with a sink `quiet`, by which nothing is heard.
struct QuietServer {
    let process: ChildProcess
    /// As `PULSE_SERVER` has it.
    let address: String

    /// Returns once it listens, in `folder`. `tone`: what it plays there itself, in hertz.
    static func start(tone: Int? = nil, in folder: ScratchFolder, on loop: EventLoop) async throws -> QuietServer {
        let nothing = try FileDescriptor(opening: "/dev/null", flags: O_RDWR)
        let socket = folder.file("native")
        let modules =
            ["module-native-protocol-unix socket=" + socket, "module-null-sink sink_name=quiet"]
            + (tone.map { ["module-sine sink=quiet frequency=\($0)"] } ?? [])
        let process = try ChildProcess.spawn(
            "/usr/bin/pulseaudio",
            arguments: ["-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1"]
                + modules.flatMap { ["-L", $0] },
            environment: ["HOME": folder.path, "XDG_RUNTIME_DIR": folder.path, "PATH": "/usr/bin"],
            descriptors: [(nothing.raw, as: 1), (nothing.raw, as: 2)], on: loop)
        while access(socket, F_OK) != 0 { try await loop.sleep(for: .milliseconds(20)) }
        return QuietServer(process: process, address: "unix:" + socket)
    }
}
