import CLinux
import Glibc

/// systemd, as a service that it started knows it: told of the service's life in datagrams (sd_notify(3)), it may expect
/// signs of life in return (sd_watchdog_enabled(3)).
package struct ServiceManager: Sendable {
    private let socket: String
    /// The longest silence that it takes for life; nil when it takes any.
    package let patience: Duration?

    /// Nil when the process is no service, or one that need not tell.
    package init?(variables: [String: String]) {
        guard let socket = variables["NOTIFY_SOCKET"], socket.hasPrefix("/") || socket.hasPrefix("@") else {
            return nil
        }
        self.socket = socket
        let isWatched = variables["WATCHDOG_PID"].map { $0 == String(getpid()) } ?? true
        let limit = isWatched ? variables["WATCHDOG_USEC"].flatMap { Int64($0) } : nil
        patience = limit.flatMap { $0 > 0 ? .microseconds($0) : nil }
    }

    /// Tells it, say, `READY` and `1`. Line ends in a value become spaces: what follows one would be another assignment.
    /// Waits while systemd's queue is full, until the task is cancelled.
    package func tell(_ assignments: KeyValuePairs<String, String>) async throws(Errno) {
        let message = Self.message(assignments)
        try await onAbandonableThread("notify") { [socket] in Self.send(message, to: socket) }?.get()
    }

    /// Tells it now or, when its queue is full, not at all.
    package func mention(_ assignments: KeyValuePairs<String, String>) {
        // Whoever has no time to wait has none for a failure either.
        _ = Self.send(Self.message(assignments), to: socket, flags: CInt(MSG_DONTWAIT))
    }

    private static func message(_ assignments: KeyValuePairs<String, String>) -> [UInt8] {
        let lines = assignments.map { name, value in
            "\(name)=" + String(String.UnicodeScalarView(value.unicodeScalars.map { $0 == "\n" ? " " : $0 }))
        }
        return Array(lines.joined(separator: "\n").utf8)
    }

    private static func send(_ message: [UInt8], to path: String, flags: CInt = 0) -> Result<Void, Errno> {
        Result { () throws(Errno) in
            let raw = try call { Glibc.socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue) | O_CLOEXEC, 0) }
            let descriptor = FileDescriptor(adopting: raw)
            try withUnixAddress(path) { address, length throws(Errno) in
                try call { sendto(descriptor.raw, message, message.count, flags, address, length) }
            }
        }
    }
}
