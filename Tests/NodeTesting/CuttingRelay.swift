import LinuxIO
import NodeCore
import Synchronization

/// Stands between a node and its gateway and, when told to, resets both connections in the middle of what they say, or lets
/// nothing pass any more.
package final class CuttingRelay: Sendable {
    package enum Direction: Sendable, CaseIterable {
        case toGateway, toNode
    }

    /// A reset that is ordered.
    package final class Cut: Sendable {
        fileprivate let direction: Direction
        fileprivate let whileSending: Bool
        fileprivate let made = OneShot()
        fileprivate let left: Mutex<Int>

        fileprivate init(_ direction: Direction, after bytes: Int, whileSending: Bool) {
            self.direction = direction
            self.whileSending = whileSending
            left = Mutex(bytes)
        }

        /// Returns when the reset was sent, and everything was as it was ordered. Throws `CancellationError` only.
        package func wasMade() async throws { try await made.fired() }
    }

    package let port: UInt16
    private let gatewayPort: UInt16
    private let listener: TCPListener
    private let loop: EventLoop
    private let order = Mutex<Cut?>(nil)
    /// Connections accepted so far, and how many of them are frozen.
    private let connections = Mutex((accepted: 0, frozen: 0))

    package init(to gatewayPort: UInt16, on loop: EventLoop) throws {
        self.gatewayPort = gatewayPort
        self.loop = loop
        listener = try TCPListener(address: .loopback(port: 0), on: loop)
        port = listener.port
    }

    /// Resets the connection that carries the byte after these, once, as soon as its receiver has read them all.
    ///
    /// `whileSending`: and not before the sender has more in its own kernel than ours has room for, so that it cannot have
    /// ended what it sends.
    @discardableResult
    package func cut(_ direction: Direction, after bytes: Int, whileSending: Bool = false) -> Cut {
        let cut = Cut(direction, after: bytes, whileSending: whileSending)
        order.withLock { $0 = cut }
        return cut
    }

    /// From now on the connections that there are take and give nothing, and do not end, as when a cable is pulled.
    package func freeze() {
        connections.withLock { $0.frozen = $0.accepted }
    }

    /// Relays until cancelled.
    package func run() async {
        await withDiscardingTaskGroup { pairs in
            // Ends with the listener, or with the task.
            while let node = try? await listener.accept() {
                pairs.addTask { await self.relay(node) }
            }
            pairs.cancelAll()
        }
    }

    private func relay(_ node: StreamSocket) async {
        guard let gateway = try? await StreamSocket.connect(to: .loopback(port: gatewayPort), on: loop) else {
            return node.reset()
        }
        let number = connections.withLock { connections in
            connections.accepted += 1
            return connections.accepted
        }
        await withTaskGroup(of: Void.self) { ways in
            ways.addTask { await self.pump(from: node, to: gateway, .toGateway, number) }
            ways.addTask { await self.pump(from: gateway, to: node, .toNode, number) }
            await ways.next()
            // One end's end is the other's, too: half-closed connections are not practised here.
            ways.cancelAll()
        }
        node.close()
        gateway.close()
    }

    private func pump(from: StreamSocket, to: StreamSocket, _ direction: Direction, _ number: Int) async {
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        do {
            while true {
                let count = try buffer.withUnsafeMutableBytes { raw throws(Errno) in try from.read(into: raw) }
                guard let count else {
                    _ = try await from.wait(for: .read)
                    continue
                }
                if count == 0 { return to.shutdownWrite() }
                if isFrozen(number) { return await untilCancelled() }
                let (passed, cut) = pass(count, direction)
                var sent = 0
                while sent < passed {
                    let more = try buffer.withUnsafeBytes { raw throws(Errno) in
                        try to.write(UnsafeRawBufferPointer(rebasing: raw[sent..<passed]))
                    }
                    if let more { sent += more } else { _ = try await to.wait(for: .write) }
                }
                if let cut { return try await make(cut, from: from, to: to) }
            }
        } catch {
            // One side is gone, or the test is over.
            if isFrozen(number) { await untilCancelled() }
        }
    }

    private func isFrozen(_ number: Int) -> Bool {
        connections.withLock { number <= $0.frozen }
    }

    private func untilCancelled() async {
        try? await OneShot().fired()  // ends by cancellation only
    }

    /// How many of so many bytes may pass, and the cut behind them.
    private func pass(_ count: Int, _ direction: Direction) -> (Int, Cut?) {
        order.withLock { order in
            guard let cut = order, cut.direction == direction else { return (count, nil) }
            let passed = cut.left.withLock { left in
                defer { left -= min(count, left) }
                return min(count, left)
            }
            if passed == count { return (count, nil) }
            order = nil
            return (passed, cut)
        }
    }

    private func make(_ cut: Cut, from: StreamSocket, to: StreamSocket) async throws {
        defer {
            from.reset()
            to.reset()
        }
        // A side that has left by itself is not cut off, and nobody is told that it was. The kernel does not say when another
        // program reads or writes, so it is asked.
        while true {
            guard let node = try ConnectionQueues(toPort: port),
                let gateway = try ConnectionQueues(toPort: gatewayPort)
            else { return }
            let (isRead, isSending) =
                switch cut.direction {
                case .toNode: (node.server.unsent + node.client.unread == 0, gateway.server.unsent > 0)
                case .toGateway: (gateway.client.unsent + gateway.server.unread == 0, node.client.unsent > 0)
                }
            if isRead && (isSending || !cut.whileSending) { return cut.made.fire() }
            try await loop.sleep(for: .milliseconds(1))
        }
    }
}
