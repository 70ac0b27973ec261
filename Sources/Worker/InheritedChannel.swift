import Glibc
import LinuxIO
import NodeCore

/// Why a worker program cannot serve.
package enum WorkerStartError: Error, Equatable, Sendable {
    /// Nobody has connected it: it was started by hand.
    case noChannel
}

extension WorkerService {
    /// A worker program's whole life: serves `registry` to whoever started it, with `services` beside it, until the daemon
    /// hangs up or SIGTERM comes. Throws `WorkerStartError` or `Errno`.
    package static func serve(
        _ registry: CommandRegistry, beside services: [any Service] = [], linger: Duration = .seconds(10),
        on loop: EventLoop, log: Log
    ) async throws {
        guard isChannel(descriptor) else { throw WorkerStartError.noChannel }
        let signals = try SignalListener([SIGTERM, SIGINT], on: loop)
        let socket = try MessageSocket(adopting: FileDescriptor(adopting: descriptor), on: loop)
        let worker = WorkerService(registry: registry, socket: socket, linger: linger, timekeeper: loop, log: log)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await worker.run() }
            group.addTask {
                _ = try await signals.next()
                worker.stop()
                // It is the worker that ends, not this.
                try await OneShot().fired()
            }
            for service in services {
                group.addTask {
                    try await service.run()
                    try await OneShot().fired()
                }
            }
            try await group.next()
            group.cancelAll()
        }
    }

    private static func isChannel(_ descriptor: CInt) -> Bool {
        var type: CInt = 0
        var size = socklen_t(MemoryLayout<CInt>.size)
        return getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == CInt(SOCK_SEQPACKET.rawValue)
    }
}
