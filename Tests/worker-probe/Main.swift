import Glibc
import LinuxIO
import NodeCore
import Worker

/// A worker that misbehaves when it is told to. Its arguments are how many milliseconds it lingers, and a directory where it
/// holds a lock under its process number for as long as it lives.
@main
enum Main {
    static func main() throws {
        let arguments = CommandLine.arguments
        let linger = Int(arguments[1]) ?? 0
        let life = try FileLock.acquire(arguments[2] + "/\(getpid())")
        defer { withExtendedLifetime(life) {} }
        let loop = try EventLoop()
        try loop.run {
            let registry = CommandRegistry(Ability.allCases.map { $0.handler(on: loop) })
            try await WorkerService.serve(registry, linger: .milliseconds(linger), on: loop, log: .silent)
        }
    }
}
