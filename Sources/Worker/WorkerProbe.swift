import Glibc
import LinuxIO
import NodeCore

extension WorkerSource {
    /// Starts a worker, hears which version it is, and lets it go. Its own end is not waited for.
    package func probe(on loop: EventLoop, within limit: Duration) async throws(Refusal) -> String {
        let (socket, process) = try start(on: loop)
        let channel = WorkerChannel(socket)
        let greeting = await Self.greeting(from: channel, on: loop, within: limit)
        channel.close()
        var status: ExitStatus?
        if let process {
            // One that said nothing because it has ended is asked how before it is cleared away.
            // Cancelled: it is killed all the sooner.
            if greeting == nil { try? await loop.sleep(for: .milliseconds(100)) }
            status = await process.end()
        }
        if let greeting { return greeting }
        let end = status.map { $0 == .signalled(SIGKILL) ? "" : " and ended with \($0.words)" } ?? ""
        throw Refusal(.unavailable, "\(name) was started, but does not say hello" + end)
    }

    /// Nil when none comes.
    private static func greeting(
        from channel: WorkerChannel, on loop: EventLoop, within limit: Duration
    ) async -> String? {
        await withTaskGroup(of: String?.self) { group in
            group.addTask {
                // Whatever is wrong with the channel, there was no hello.
                guard case .hello(let version, _)? = (try? await channel.receive())?.message else { return nil }
                return version
            }
            group.addTask {
                try? await loop.sleep(for: limit)  // cancelled: the other one was first
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }
}
