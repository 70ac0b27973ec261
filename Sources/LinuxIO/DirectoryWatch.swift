import CLinux
import Glibc

/// Tells that something in a directory was written, moved in or removed (inotify(7)).
package final class DirectoryWatch: Sendable {
    private let descriptor: FileDescriptor
    private let readiness: Readiness

    package init(_ directory: String, on loop: EventLoop) throws(Errno) {
        descriptor = FileDescriptor(adopting: try call { inotify_init1(O_CLOEXEC | O_NONBLOCK) })
        let raw = descriptor.raw
        let events = UInt32(IN_CLOSE_WRITE | IN_MOVED_TO | IN_DELETE)
        try call { inotify_add_watch(raw, directory, events) }
        readiness = try Readiness(raw, on: loop)
    }

    deinit { readiness.cancel() }

    /// Returns after the next change, or at once for one since the last call. Several changes may count as one. Throws
    /// `CancellationError` only.
    package func next() async throws {
        while true {
            var seen = false
            var buffer = [UInt8](repeating: 0, count: 4096)
            while Glibc.read(descriptor.raw, &buffer, buffer.count) > 0 { seen = true }
            if seen { return }
            _ = try await readiness.wait(for: .read)
        }
    }
}
