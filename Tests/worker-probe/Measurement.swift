import LinuxIO
import NodeCore
import Worker

/// What a blob does to the memory of the process that asks for it: in a process of its own, where nothing else happens.
struct Measurement {
    let locks: String
    let loop: EventLoop

    /// By how many bytes the heap and its like grow while a blob of `size` bytes is had.
    func growth(size: Int) async throws -> Int {
        let program = WorkerProgram(name: "worker-probe", arguments: ["10000", locks], variables: [:])
        let host = WorkerHost(.program(program), on: loop, log: .silent)
        return try await withThrowingTaskGroup(of: Int?.self) { group in
            group.addTask {
                try? await host.run()  // ends by cancellation
                return nil
            }
            group.addTask {
                _ = try await blob(1, from: host)
                let before = try Self.anonymousMemory()
                let blob = try await blob(size, from: host)
                let after = try Self.anonymousMemory()
                guard blob.file.size == size else { throw Errno.current }
                return after - before
            }
            defer { group.cancelAll() }
            while let growth = try await group.next() {
                if let growth { return growth }
            }
            throw CancellationError()
        }
    }

    private func blob(_ size: Int, from host: WorkerHost) async throws -> Blob {
        let invocation = Invocation(
            id: "", command: CommandName(Ability.blob.rawValue), params: Array(#"{"size":\#(size)}"#.utf8),
            payloadLimit: 64 << 20)
        let context = InvocationContext(
            id: "", deadline: nil, payloadLimit: 64 << 20, timekeeper: loop, log: .silent)
        let reply = await host.perform(invocation, context)
        _ = try reply.outcome.get()
        guard let blob = reply.blob else { throw Refusal(.unavailable, "no blob") }
        return blob
    }

    private static func anonymousMemory() throws -> Int {
        let status = String(decoding: try StateFile.read("/proc/self/status"), as: UTF8.self)
        let line = status.split(separator: "\n").first { $0.hasPrefix("RssAnon:") } ?? ""
        return (Int(line.split(whereSeparator: \.isWhitespace)[1]) ?? 0) * 1024
    }
}
