import Glibc
import LinuxIO
import NodeCore
import Worker

/// A worker that misbehaves when it is told to. Its arguments are how many milliseconds it lingers, and a directory where it
/// holds a lock under its process number for as long as it lives.
///
/// With `measure SIZE DIRECTORY` it is a host instead, and exits with the mebibytes by which a blob makes it grow.
@main
enum Main {
    static func main() throws {
        let arguments = CommandLine.arguments
        let loop = try EventLoop()
        if arguments[1] == "measure" {
            let measurement = Measurement(locks: arguments[3], loop: loop)
            let size = Int(arguments[2]) ?? 0
            exit(Int32(try loop.run { min(255, max(0, try await measurement.growth(size: size) >> 20)) }))
        }
        let linger = Int(arguments[1]) ?? 0
        let life = try FileLock.acquire(arguments[2] + "/\(getpid())")
        defer { withExtendedLifetime(life) {} }
        try loop.run {
            let (conditions, change) = AsyncStream.makeStream(of: ConditionChange.self)
            let registry = CommandRegistry(Ability.allCases.map { $0.handler(on: loop, telling: change) })
            try await WorkerService.serve(
                registry, linger: .milliseconds(linger), telling: conditions, on: loop, log: .silent)
        }
    }
}
