import LinuxIO

/// What the kernel holds of the connections to a port of loopback, in bytes (proc_pid_net(5)).
struct ConnectionQueues {
    struct Side {
        /// Written by the program, and not yet in the other side's hands.
        var unsent = 0
        /// Received, and not yet read by the program.
        var unread = 0
    }

    private(set) var client = Side()
    private(set) var server = Side()

    /// Nil when no connection stands.
    init?(toPort port: UInt16) throws(Errno) {
        var isEmpty = true
        let table = try StateFile.read("/proc/self/net/tcp", limit: 1 << 24)
        for line in String(decoding: table, as: UTF8.self).split(separator: "\n").dropFirst() {
            // Number, local address, remote address, state, both queues …
            let words = line.split(separator: " ")
            guard words.count > 4, words[3] == Self.established else { continue }
            let queues = words[4].split(separator: ":").compactMap { Int($0, radix: 16) }
            guard queues.count == 2 else { continue }
            if Self.port(words[1]) == port {
                server = Side(unsent: server.unsent + queues[0], unread: server.unread + queues[1])
                isEmpty = false
            } else if Self.port(words[2]) == port {
                client = Side(unsent: client.unsent + queues[0], unread: client.unread + queues[1])
            }
        }
        if isEmpty { return nil }
    }

    private static let established = "01"

    private static func port(_ address: Substring) -> UInt16? {
        address.split(separator: ":").last.flatMap { UInt16($0, radix: 16) }
    }
}
