import LinuxIO
import NodeCore

/// Runs `body` on an event loop with a thread of its own, as a program's tasks run on its main one, and gives its result.
///
/// It is still the caller's task: what fails there is the calling test's failure, and its time limit cancels it.
package func onEventLoop<R: Sendable>(_ body: @escaping @Sendable (EventLoop) async throws -> R) async throws -> R {
    let loop = try EventLoop()
    let isOver = OneShot()
    async let turning = onOwnThread("test loop") { () -> Result<Void, any Error> in
        Result { try loop.run { try await isOver.fired() } }
    }
    let result: Result<R, any Error>
    do {
        result = .success(try await withTaskExecutorPreference(loop) { try await body(loop) })
    } catch { result = .failure(error) }
    isOver.fire()
    try await turning.get()
    return try result.get()
}
