import Glibc
import LinuxIO
import NodeTesting
import Testing

@testable import WebSocket

/// A server or proxy of Debian's on loopback, told its port in a file or an argument.
struct ForeignServer: Sendable {
    let port: UInt16
    let loop: EventLoop

    /// Runs `body` beside `program`. `arguments` is given the port, and a folder for what the program reads and writes.
    static func run(
        _ program: String, on loop: EventLoop, arguments: (UInt16, ScratchFolder) throws -> [String],
        _ body: @escaping @Sendable (ForeignServer) async throws -> Void
    ) async throws {
        let folder = try ScratchFolder()
        let port = freePort(on: loop)
        let child = try ChildProcess.spawn(program, arguments: try arguments(port, folder), on: loop)
        let server = ForeignServer(port: port, loop: loop)
        do {
            try await withThrowingTaskGroup(of: Bool.self) { group in
                group.addTask {
                    let status = try await child.wait()
                    Issue.record("\(program) ended: \(status); is Debian's package of it installed?")
                    return false
                }
                group.addTask {
                    try await server.untilListening()
                    try await body(server)
                    return true
                }
                _ = try await group.next()
                group.cancelAll()
            }
        } catch {
            child.signal(SIGKILL)
            throw error
        }
        child.signal(SIGKILL)
        _ = try await child.wait()
        withExtendedLifetime(folder) {}
    }

    /// Below those that the kernel gives away by itself, as it does all the time while other tests run: nobody else takes it
    /// before the program does.
    static func freePort(on loop: EventLoop) -> UInt16 {
        while true {
            let port = UInt16.random(in: 16_384..<32_768)
            // Taken: then another one.
            if (try? TCPListener(address: .loopback(port: port), on: loop)) != nil { return port }
        }
    }

    /// None of these programs says so, and all are ready soon.
    private func untilListening() async throws {
        while true {
            do {
                _ = try await StreamSocket.connect(to: .loopback(port: port), on: loop)
                return
            } catch is Errno { try await loop.sleep(for: .milliseconds(10)) }
        }
    }
}
