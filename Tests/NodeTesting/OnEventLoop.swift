import LinuxIO
import NodeCore

/// Runs `body` on an event loop of its own thread, as a program's main does, and gives its result.
package func onEventLoop<R: Sendable>(_ body: @escaping @Sendable (EventLoop) async throws -> R) async throws -> R {
    let loop = try EventLoop()
    let result = await onOwnThread("test loop") { () -> Result<R, any Error> in
        Result { try loop.run { try await body(loop) } }
    }
    return try result.get()
}
