import Glibc
import LinuxIO
import NodeCore

extension WorkerService {
    /// Whether somebody has connected this program; otherwise it was started by hand.
    package static var hasChannel: Bool {
        var type: CInt = 0
        var size = socklen_t(MemoryLayout<CInt>.size)
        return getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == CInt(SOCK_SEQPACKET.rawValue)
    }

    /// A worker program's whole life: serves `registry` to whoever has connected it, with `services` beside it and told of `conditions`, until the
    /// daemon hangs up or SIGTERM comes. Throws `Errno` when it cannot begin, and what a service throws.
    package static func serve(
        _ registry: CommandRegistry, beside services: [any Service] = [], linger: Duration = .seconds(10),
        telling conditions: AsyncStream<ConditionChange>? = nil, on loop: EventLoop, log: Log
    ) async throws {
        let signals = try SignalListener([SIGTERM, SIGINT], on: loop)
        let socket = try MessageSocket(adopting: FileDescriptor(adopting: descriptor), on: loop)
        let worker = WorkerService(
            registry: registry, socket: socket, linger: linger, timekeeper: loop, log: log, conditions: conditions)
        let manager = ServiceManager(variables: EnvironmentVariables.current())
        // One that does not turn any more does not see the daemon hang up either, and would keep its device for ever.
        let signs = SignsOfLife(manager, timekeeper: loop, log: log)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await worker.run() }
            if let signs { group.addTask { try await signs.run() } }
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
}
