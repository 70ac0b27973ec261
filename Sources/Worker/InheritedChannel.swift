import Glibc
import LinuxIO
import NodeCore

extension WorkerService {
    /// Whether somebody has connected this program; otherwise it was started by hand.
    package static var hasChannel: Bool { MessageSocket.isOne(descriptor) }

    /// A worker program's whole life: serves `registry` to whoever has connected it, with `services` beside it and told of `conditions`, until the
    /// daemon hangs up or SIGTERM comes. Throws `Errno` when it cannot begin, and what a service throws.
    package static func serve(
        _ registry: CommandRegistry, beside services: [any Service] = [], linger: Duration = .seconds(10),
        telling conditions: AsyncStream<ConditionChange>? = nil, on loop: EventLoop, log: Log
    ) async throws {
        try await live(on: loop, log: log) { stop in
            let socket = try MessageSocket(adopting: FileDescriptor(adopting: descriptor), on: loop)
            let worker = WorkerService(
                registry: registry, socket: socket, linger: linger, timekeeper: loop, log: log, conditions: conditions)
            try await worker.run(beside: services, until: stop)
        }
    }

    /// Runs `body`, which is told of SIGTERM and ends by itself then.
    static func live(on loop: EventLoop, log: Log, _ body: @escaping @Sendable (OneShot) async throws -> Void)
        async throws
    {
        let signals = try SignalListener([SIGTERM, SIGINT], on: loop)
        let stop = OneShot()
        let manager = ServiceManager(variables: EnvironmentVariables.current())
        // One that does not turn any more does not see the daemon hang up either, and would keep its device for ever.
        let signs = SignsOfLife(manager, timekeeper: loop, log: log)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await body(stop) }
            if let signs { group.addTask { try await signs.run() } }
            group.addTask {
                _ = try await signals.next()
                stop.fire()
                // It is the body that ends, not this.
                try await OneShot().fired()
            }
            try await group.next()
            group.cancelAll()
        }
    }

    /// One conversation, with `services` beside it.
    package nonisolated func run(beside services: [any Service], until stop: OneShot) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.run() }
            group.addTask {
                try await stop.fired()
                self.stop()
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
