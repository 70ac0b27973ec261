import Glibc
import LinuxIO

/// A system's message bus of a test's own: the real dbus-daemon, on a socket in a scratch folder.
package final class PrivateBus: Sendable {
    package let folder: ScratchFolder
    private let loop: EventLoop

    package init(on loop: EventLoop) throws {
        folder = try ScratchFolder()
        self.loop = loop
        let configuration = """
            <!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
             "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
            <busconfig><type>system</type><listen>\(address)</listen>
            <policy context="default"><allow user="*"/><allow own="*"/><allow send_destination="*"/><allow receive_sender="*"/></policy></busconfig>
            """
        try StateFile.write(folder.file("bus.conf"), Array(configuration.utf8), durable: false)
    }

    deinit { stop() }

    package var socket: String { folder.file("bus") }
    package var address: String { "unix:path=" + socket }

    /// What a program is given for which this is the system's bus.
    package var variables: [String: String] { ["DBUS_SYSTEM_BUS_ADDRESS": address, "PATH": "/usr/bin:/bin"] }

    /// Returns once it listens.
    package func start() async throws {
        let out = try FileDescriptor(opening: folder.file("pid"), flags: O_WRONLY | O_CREAT | O_TRUNC, mode: 0o600)
        let child = try ChildProcess.spawn(
            "/usr/bin/dbus-daemon", arguments: ["--config-file", folder.file("bus.conf"), "--fork", "--print-pid"],
            descriptors: [(out.raw, as: 1)], on: loop)
        guard try await child.wait() == .exited(0) else { throw Errno(ECHILD) }
    }

    /// Ends it and with it all that is connected; it may be started again.
    package func stop() {
        // One that was never started has no number.
        let text = (try? StateFile.read(folder.file("pid"))).map { String(decoding: $0, as: UTF8.self) } ?? ""
        if let pid = pid_t(text.filter(\.isNumber)) { kill(pid, SIGKILL) }
        unlink(folder.file("pid"))
        unlink(socket)
    }

    /// A service in Python's dbusmock. It ends with the bus.
    package func mock(_ words: [String]) throws -> ChildProcess {
        try ChildProcess.spawn(
            "/usr/bin/python3", arguments: ["-m", "dbusmock", "--system"] + words, environment: variables,
            on: loop)
    }
}
