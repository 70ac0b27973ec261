import Gateway
import Glibc
import LinuxIO
import NodeCore
import NodeTesting

@testable import NodeDoctor
@testable import NodeRuntime

/// A node and a machine in a scratch folder: its state in `state`, its status in `run`, and below `root` what stands for the machine's
/// own files.
struct Scene: Sendable {
    let scratch: ScratchFolder
    let loop: EventLoop

    static func run(_ body: @escaping @Sendable (Scene) async throws -> Void) async throws {
        let scratch = try ScratchFolder()
        try await onEventLoop { loop in try await body(Scene(scratch: scratch, loop: loop)) }
    }

    var state: String { scratch.file("state") }

    func patient(
        _ configuration: String = "{}", variables: [String: String] = [:], isRoot: Bool = false
    ) throws -> Patient {
        try StateFile.write(scratch.file("clawnode.json"), Array(configuration.utf8), durable: false)
        func place(_ name: String) -> ConfigurationValue {
            ConfigurationValue(.string(scratch.file(name)), from: .option("--x"))
        }
        return try Patient(
            file: scratch.file("clawnode.json"), options: ["stateDir": place("state"), "runtimeDir": place("run")],
            surroundings: Surroundings(
                variables: ["HOME": "/nonexistent"].merging(variables) { $1 }, isRoot: isRoot),
            root: scratch.file("root"), on: loop)
    }

    /// The user's own node, as systemd would start it.
    func usualPatient(variables: [String: String] = [:]) async throws -> Patient {
        try await Patient.found(
            file: nil, options: ["runtimeDir": ConfigurationValue(.string(scratch.file("run")), from: .option("--x"))],
            surroundings: Surroundings(
                variables: ["HOME": scratch.path, "XDG_STATE_HOME": scratch.path].merging(variables) { $1 },
                isRoot: false),
            root: scratch.file("root"), on: loop)
    }

    /// Puts a file of the machine in its place.
    func place(_ text: String, at path: String, mode: mode_t = 0o644) throws {
        _ = try write(text, at: path, mode: mode)
    }

    /// A program of the machine. Another process writes it: a child that some test starts meanwhile would hold a file of ours
    /// open, and what is open for writing cannot be run.
    func place(program: String, at path: String) async throws {
        let text = try write(program, at: path + ".text", mode: 0o755)
        let copy = try ChildProcess.spawn("/bin/cp", arguments: [text, scratch.file("root") + path], on: loop)
        guard try await copy.wait() == .exited(0) else { throw Errno(EIO) }
    }

    private func write(_ text: String, at path: String, mode: mode_t) throws -> String {
        let whole = scratch.file("root") + path
        try StateFile.makeDirectory(whole.folder, mode: 0o755)
        try StateFile.write(whole, Array(text.utf8), mode: mode, durable: false)
        return whole
    }

    /// A daemon that runs, for as long as what is returned lives, and tells this.
    func daemon(_ status: NodeStatus) throws -> StateDirectory {
        let directory = try StateDirectory(claiming: state)
        try StateFile.makeDirectory(scratch.file("run"))
        try StateFile.write(scratch.file("run/status.json"), try JSON.encodePretty(status), durable: false)
        return directory
    }

    /// What a systemd would say: `systemctl show UNIT` tells these properties.
    func systemd(_ units: [String: [String: String]]) async throws {
        let cases = units.map { unit, properties in
            "\(unit)) cat <<'END'\n" + properties.map { "\($0)=\($1)\n" }.joined() + "END\n;;"
        }
        let script =
            "#!/bin/sh\nfor unit; do :; done\ncase $unit in\n\(cases.joined(separator: "\n"))\n*) echo LoadState=not-found;;\nesac\n"
        try await place(program: script, at: "/usr/bin/systemctl")
        try StateFile.makeDirectory(scratch.file("root") + "/run/systemd/system", mode: 0o755)
    }

    static func now(_ state: NodeStatus.State = .connected) -> NodeStatus {
        var status = NodeStatus(pid: Int(getpid()), startedAtMs: WallClock.milliseconds + 1000)
        status.state = state
        return status
    }
}

extension [Finding] {
    subscript(_ check: String) -> Finding? { first { $0.check == check } }
}
