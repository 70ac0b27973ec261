import LinuxIO
import NodeCore
import Synchronization

/// Stands between a node and its gateway and, when told to, resets both connections in the middle of what they say, or lets
/// nothing pass any more.
final class CuttingRelay: Sendable {
    enum Direction: Sendable, CaseIterable {
        case toGateway, toNode
    }

    let port: UInt16
    private let gatewayPort: UInt16
    private let listener: TCPListener
    private let loop: EventLoop
    /// How many bytes more may pass in one direction; nil: any number.
    private let budget = Mutex<(direction: Direction, bytes: Int)?>(nil)
    /// Connections accepted so far, and how many of them are frozen.
    private let connections = Mutex((accepted: 0, frozen: 0))

    init(to gatewayPort: UInt16, on loop: EventLoop) throws {
        self.gatewayPort = gatewayPort
        self.loop = loop
        listener = try TCPListener(address: .loopback(port: 0), on: loop)
        port = listener.port
    }

    /// Resets the connection that carries the byte after these, once.
    func cut(_ direction: Direction, after bytes: Int) {
        budget.withLock { $0 = (direction, bytes) }
    }

    /// From now on the connections that there are take and give nothing, and do not end, as when a cable is pulled.
    func freeze() {
        connections.withLock { $0.frozen = $0.accepted }
    }

    /// Relays until cancelled.
    func run() async {
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
                let passed = pass(count, direction)
                var sent = 0
                while sent < passed {
                    let more = try buffer.withUnsafeBytes { raw throws(Errno) in
                        try to.write(UnsafeRawBufferPointer(rebasing: raw[sent..<passed]))
                    }
                    if let more { sent += more } else { _ = try await to.wait(for: .write) }
                }
                if passed < count {
                    from.reset()
                    to.reset()
                    return
                }
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

    private func pass(_ count: Int, _ direction: Direction) -> Int {
        budget.withLock { budget in
            guard let allowed = budget, allowed.direction == direction else { return count }
            budget = count > allowed.bytes ? nil : (direction, allowed.bytes - count)
            return min(count, allowed.bytes)
        }
    }
}
