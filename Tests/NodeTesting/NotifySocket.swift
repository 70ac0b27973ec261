import Glibc
import LinuxIO

/// The end of `NOTIFY_SOCKET` that systemd would hold: hears what a service tells.
package final class NotifySocket {
    private let path: String
    private let descriptor: FileDescriptor
    private let readiness: Readiness

    /// At a path, or at an abstract name that begins with an @ (unix(7)).
    package init(_ path: String, on loop: EventLoop) throws {
        let raw = try call { socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue), 0) }
        self.path = path
        descriptor = FileDescriptor(adopting: raw)
        try withUnixAddress(path) { address, length throws(Errno) in try call { bind(raw, address, length) } }
        readiness = try Readiness(raw, on: loop)
    }

    deinit { readiness.cancel() }

    /// The next datagram.
    package func next() async throws -> String {
        while true {
            if let told = try waiting() { return told }
            _ = try await readiness.wait(for: .read)
        }
    }

    /// The next datagram when it is there already. Few are kept, and who tells more waits.
    package func waiting() throws -> String? {
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = try call(unless: EAGAIN) { recv(descriptor.raw, &bytes, bytes.count, 0) }
        return count.map { String(decoding: bytes[..<$0], as: UTF8.self) }
    }

    /// Leaves no room: who tells something waits until it is heard.
    package func fill() throws {
        var isFull = false
        while !isFull {
            try withUnixAddress(path) { address, length throws(Errno) in
                isFull = try call(unless: EAGAIN) { sendto(descriptor.raw, "x", 1, 0, address, length) } == nil
            }
        }
    }

    /// What is told up to and with the first datagram that begins with `text`.
    @discardableResult
    package func hear(_ text: String) async throws -> [String] {
        var heard: [String] = []
        while heard.last?.hasPrefix(text) != true { heard.append(try await next()) }
        return heard
    }
}
