import LinuxIO
import NodeCore
import Worker

/// Stands where `clawnode-media` is looked for and answers `camera.snap` with 18 MiB: as much as gateways carry, and more
/// than a camera gives. The bytes are ready before they are asked for, so that only their way to the gateway is measured.
@main
enum Main {
    private static let bytes = 18 << 20

    static func main() throws {
        let loop = try EventLoop()
        let picture = try MemoryFile(name: "blob")
        let pattern = (0..<65_536).map { UInt8(truncatingIfNeeded: $0) }
        while picture.size < bytes { try picture.append(pattern) }
        try loop.run {
            let registry = CommandRegistry([Handler(Snap(picture: Blob(file: picture, field: "base64")))])
            try await WorkerService.serve(registry, linger: .seconds(600), on: loop, log: .silent)
        }
    }
}

private struct Snap: Command {
    static let name: CommandName = "camera.snap"

    struct Output: Encodable, HasBlob, Sendable {
        var format = "bin"
        let blob: Blob?

        private enum CodingKeys: String, CodingKey { case format }
    }

    let picture: Blob

    func run(_ params: NoParams, in context: InvocationContext) async throws -> Output {
        Output(blob: picture)
    }
}
