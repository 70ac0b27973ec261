import Glibc
import LinuxIO
import PracticeGateway

enum Line {
    /// Who started this program reads; one line is written whole, for all are written on the loop's thread.
    static func say(_ value: JSONValue) {
        let line = value.bytes + [UInt8(ascii: "\n")]
        let out = FileDescriptor(adopting: STDOUT_FILENO)
        // Nobody is left to tell when nobody reads.
        line.withUnsafeBytes { bytes in _ = try? out.writeAll(bytes) }
        _ = out.release()
    }
}

/// What comes in on stdin.
enum Standard {
    /// Each line, as JSON, beside the others. Returns at the end of stdin.
    static func lines(
        on loop: EventLoop, _ obey: @escaping @Sendable (JSONValue) async throws -> Void
    ) async throws {
        _ = fcntl(STDIN_FILENO, F_SETFL, fcntl(STDIN_FILENO, F_GETFL) | O_NONBLOCK)
        let readiness = try Readiness(STDIN_FILENO, on: loop)
        defer { readiness.cancel() }
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        try await withThrowingDiscardingTaskGroup { group in
            while true {
                let count = read(STDIN_FILENO, &buffer, buffer.count)
                if count == 0 { return group.cancelAll() }
                guard count > 0 else {
                    _ = try await readiness.wait(for: .read)
                    continue
                }
                received += buffer[..<count]
                while let end = received.firstIndex(of: UInt8(ascii: "\n")) {
                    let order = try JSONReader.read(Array(received[..<end]))
                    received.removeSubrange(...end)
                    group.addTask { try await obey(order) }
                }
            }
        }
    }
}
