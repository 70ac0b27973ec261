import Glibc
import LinuxIO
import NodeCore
import NodeTesting

@testable import Worker

/// A host for the probe, which is a real process each time.
struct Probe: Sendable {
    let host: WorkerHost
    let loop: EventLoop
    /// Where each worker holds a lock for as long as it lives.
    let locks: ScratchFolder

    /// Runs `body` with a host that is looked after, as in the daemon.
    static func run<R: Sendable>(
        _ name: String = "worker-probe", linger: Int = 10_000,
        variables: [String: String] = EnvironmentVariables.current(),
        _ body: @escaping @Sendable (Probe) async throws -> R
    ) async throws -> R {
        let locks = try ScratchFolder()
        let program = WorkerProgram(name: name, arguments: ["\(linger)", locks.path], variables: variables)
        return try await onEventLoop { loop in
            let probe = Probe(host: WorkerHost(.program(program), on: loop, log: .silent), loop: loop, locks: locks)
            return try await withThrowingTaskGroup(of: R?.self) { group in
                group.addTask {
                    // Ends by cancellation, which is as it should be.
                    try? await probe.host.run()
                    return nil
                }
                group.addTask { try await body(probe) }
                defer { group.cancelAll() }
                while let result = try await group.next() {
                    if let result { return result }
                }
                throw CancellationError()
            }
        }
    }

    /// Asks as the daemon's registry does.
    func ask(_ ability: String, _ params: String? = nil, within budget: Duration = .seconds(20)) async -> Reply {
        let name = CommandName("probe." + ability)
        let registry = CommandRegistry([Handler(forwarding: name) { host }])
        let invocation = Invocation(
            id: "test", command: name, params: params.map { Array($0.utf8) }, deadline: loop.now + budget,
            payloadLimit: 32 << 20)
        let (replies, arrived) = AsyncStream.makeStream(of: Reply.self)
        await registry.perform(invocation, timekeeper: loop, log: .silent) { arrived.yield($0) }
        // The registry has delivered exactly one when it returns.
        return await replies.first { _ in true } ?? .refused(Refusal("NO_REPLY", ""))
    }

    var pid: pid_t? {
        get async { await host.status.pid.map { pid_t($0) } }
    }

    /// Returns when that worker, which has answered once, is no more.
    func ended(_ pid: pid_t) async throws {
        let path = locks.file("\(pid)")
        let failure = await onOwnThread("lock") { () -> Errno? in
            do throws(Errno) {
                let file = try FileDescriptor(opening: path, flags: O_RDWR)
                let raw = file.raw
                try call { flock(raw, LOCK_EX) }
                return nil
            } catch { return error }
        }
        if let failure { throw failure }
    }
}

extension Reply {
    var text: String? {
        if case .success(let json) = outcome { String(decoding: json, as: UTF8.self) } else { nil }
    }

    var refusal: Refusal? {
        if case .failure(let refusal) = outcome { refusal } else { nil }
    }
}
