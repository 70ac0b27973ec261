import Glibc
import LinuxIO
import Synchronization

/// Asks everybody on the local networks once, and again what the first answers have left open (RFC 6762 §5.1).
package struct MulticastQuery: Sendable {
    private static let port: UInt16 = 5353
    private static let groups: [(DatagramSocket.Family, String)] = [(.ipv4, "224.0.0.251"), (.ipv6, "ff02::fb")]
    /// Of some who answer at once none wait longer than half a second (RFC 6762 §6).
    private static let rounds: [Duration] = [.milliseconds(700), .milliseconds(700), .milliseconds(800)]

    private let loop: EventLoop

    package init(on loop: EventLoop) {
        self.loop = loop
    }

    private struct Way: Sendable {
        let socket: DatagramSocket
        let interface: NetworkInterface
        let group: SocketAddress
    }

    private final class Shelf: Sendable {
        let book = Mutex(AnswerBook())
    }

    /// Takes two seconds. Throws `Errno` when there is no network to ask.
    package func run() async throws -> [FoundGateway] {
        let ways = try ways()
        let shelf = Shelf()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for way in ways { group.addTask { await listen(on: way, shelf) } }
            for round in Self.rounds {
                ask(ways, shelf.book.withLock { $0.questions })
                try await loop.sleep(for: round)
            }
            group.cancelAll()
        }
        return shelf.book.withLock { $0.gateways }
    }

    private func ways() throws(Errno) -> [Way] {
        var ways: [Way] = []
        for (interface, family) in try NetworkInterface.multicast() {
            guard let name = Self.groups.first(where: { $0.0 == family })?.1,
                let group = SocketAddress.literal(name, port: Self.port)
            else { continue }
            // One that has gone again, or may not be used, is one less.
            guard let socket = try? DatagramSocket(family, interface: interface.index, on: loop) else { continue }
            ways.append(Way(socket: socket, interface: interface, group: group))
        }
        guard !ways.isEmpty else { throw Errno(ENETUNREACH) }
        return ways
    }

    private func ask(_ ways: [Way], _ questions: [DNSMessage.Question]) {
        let query = DNSMessage.query(questions)
        for way in ways {
            // Where nothing can be sent, nothing will be answered.
            try? way.socket.send(query, to: way.group)
        }
    }

    /// Until it is cancelled, or there is nothing to be read any more.
    private func listen(on way: Way, _ shelf: Shelf) async {
        while let bytes = try? await way.socket.receive(limit: DNSMessage.limit) {
            // What is no answer is somebody else's, or nonsense.
            guard let message = try? DNSMessage(bytes) else { continue }
            shelf.book.withLock { $0.take(message, interface: way.interface.name) }
        }
    }
}
