import Glibc
import LinuxIO
import NodeMedia
import NodeTesting
import Testing

@testable import SoundPulse

/// A sound server of Debian's, with a session's folders of its own.
struct SoundServer: Sendable {
    let folder: ScratchFolder
    let loop: EventLoop
    /// The server's processes, the last of which listens.
    let processes: [ChildProcess]
    let variables: [String: String]

    var driver: PulseDriver { PulseDriver(variables: variables, on: loop) }

    /// PulseAudio with a source `tone` of 1 kHz and a sink `quiet`.
    static func pulseAudio(_ body: @escaping @Sendable (SoundServer) async throws -> Void) async throws {
        let modules = [
            "module-native-protocol-unix", "module-null-sink sink_name=quiet",
            "module-sine-source source_name=tone frequency=1000",
        ]
        let arguments = ["-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1"]
        try await run([("pulseaudio", arguments + modules.flatMap { ["-L", $0] })], body)
    }

    /// PipeWire, with its own answer to PulseAudio's clients and a sink `quiet`.
    static func pipeWire(_ body: @escaping @Sendable (SoundServer) async throws -> Void) async throws {
        try await run([("pipewire", []), ("wireplumber", []), ("pipewire-pulse", [])]) { server in
            try await server.command("pactl", ["load-module", "module-null-sink", "sink_name=quiet"])
            while try await server.driver.devices()?.sinks.contains(where: { $0.id == "quiet" }) != true {
                try await server.loop.sleep(for: .milliseconds(20))
            }
            try await body(server)
        }
    }

    private static func run(
        _ programs: [(name: String, arguments: [String])],
        _ body: @escaping @Sendable (SoundServer) async throws -> Void
    ) async throws {
        try await onEventLoop { loop in
            let folder = try ScratchFolder()
            // WirePlumber ends without one.
            let bus = try PrivateBus(on: loop)
            try await bus.start()
            let variables = [
                "HOME": folder.path, "XDG_RUNTIME_DIR": folder.path, "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8",
                "DBUS_SESSION_BUS_ADDRESS": bus.address,
            ]
            let log = try FileDescriptor(
                opening: folder.file("log"), flags: O_WRONLY | O_CREAT | O_APPEND, mode: 0o600)
            var processes: [ChildProcess] = []
            let result: Result<Void, any Error>
            do {
                for program in programs {
                    let child = try ChildProcess.spawn(
                        "/usr/bin/" + program.name, arguments: program.arguments, environment: variables,
                        descriptors: [(log.raw, as: 1), (log.raw, as: 2)], on: loop)
                    processes.append(child)
                    // The others cannot do without it.
                    if program.name == "pipewire" { try await appears(folder.file("pipewire-0"), on: loop) }
                }
                let server = SoundServer(
                    folder: folder, loop: loop, processes: processes, variables: variables)
                // None of these programs says that it is ready, and all are soon.
                while try await server.driver.devices() == nil { try await loop.sleep(for: .milliseconds(20)) }
                try await body(server)
                result = .success(())
            } catch { result = .failure(error) }
            for process in processes { await process.end() }
            bus.stop()
            try result.get()
        }
    }

    private static func appears(_ path: String, on loop: EventLoop) async throws {
        while access(path, F_OK) != 0 { try await loop.sleep(for: .milliseconds(20)) }
    }

    /// Runs a program of the server's to its end.
    func command(_ name: String, _ arguments: [String]) async throws {
        let child = try start(name, arguments)
        #expect(try await child.wait() == .exited(0))
    }

    func start(_ name: String, _ arguments: [String]) throws -> ChildProcess {
        try ChildProcess.spawn("/usr/bin/" + name, arguments: arguments, environment: variables, on: loop)
    }

    /// Plays a tone into the sink `quiet` while `body` runs.
    func playing(_ frequency: Double, _ body: () async throws -> Void) async throws {
        let samples = Tone.samples(frequency, rate: 48_000, channels: 2, count: 48_000 * 60)
        let bytes = samples.withUnsafeBytes { Array($0) }
        try StateFile.write(folder.file("tone"), bytes, durable: false)
        let player = try start(
            "pacat",
            [
                "--playback", "--device=quiet", "--raw", "--rate=48000", "--channels=2", "--format=s16le",
                folder.file("tone"),
            ])
        let result: Result<Void, any Error>
        do {
            try await body()
            result = .success(())
        } catch { result = .failure(error) }
        await player.end()
        try result.get()
    }
}
