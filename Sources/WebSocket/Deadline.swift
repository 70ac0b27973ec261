import LinuxIO

/// What `body` gives, or nil when `limit` passed first; `body` is cancelled then and waited for.
package func within<R: Sendable>(
    _ limit: Duration, on loop: EventLoop, _ body: @escaping @Sendable () async throws(WebSocketError) -> R
) async throws(WebSocketError) -> R? {
    let first = await withTaskGroup(of: Result<R, WebSocketError>?.self) { group in
        group.addTask {
            do throws(WebSocketError) { return .success(try await body()) } catch { return .failure(error) }
        }
        group.addTask {
            // Cancelled when the work was first, and then nobody looks at this.
            try? await loop.sleep(for: limit)
            return nil
        }
        let first = await group.next() ?? nil
        group.cancelAll()
        return first
    }
    if first == nil, Task.isCancelled { throw .cancelled }
    return try first?.get()
}
