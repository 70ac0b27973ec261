import CLinux
import Glibc
import Synchronization

/// Tells that something in a directory was written, moved in or removed (inotify(7)).
package final class DirectoryWatch: Sendable {
    private let descriptor: FileDescriptor
    private let readiness: Readiness
    private let over = Mutex(false)

    package init(_ directory: String, on loop: EventLoop) throws(Errno) {
        descriptor = FileDescriptor(adopting: try call { inotify_init1(O_CLOEXEC | O_NONBLOCK) })
        let raw = descriptor.raw
        let events = UInt32(IN_CLOSE_WRITE | IN_MOVED_TO | IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF)
        try call { inotify_add_watch(raw, directory, events) }
        readiness = try Readiness(raw, on: loop)
    }

    deinit { readiness.cancel() }

    /// Whether the directory was seen to have been removed or to have got another name: nothing more is told of what is at its path.
    package var isOver: Bool { over.withLock { $0 } }

    /// Returns after the next change, or at once for one since the last call. Several changes may count as one. Throws
    /// `CancellationError` only.
    package func next() async throws {
        while true {
            if takeEvents() { return }
            _ = try await readiness.wait(for: .read)
        }
    }

    /// False when there is none.
    private func takeEvents() -> Bool {
        var hasSome = false
        withUnsafeTemporaryAllocation(byteCount: 4096, alignment: MemoryLayout<inotify_event>.alignment) { buffer in
            while true {
                let count = Glibc.read(descriptor.raw, buffer.baseAddress, buffer.count)
                guard count > 0 else { return }
                hasSome = true
                var offset = 0
                while offset < count {
                    let event = buffer.load(fromByteOffset: offset, as: inotify_event.self)
                    if event.mask & UInt32(IN_DELETE_SELF | IN_MOVE_SELF) != 0 { over.withLock { $0 = true } }
                    offset += MemoryLayout<inotify_event>.size + Int(event.len)
                }
            }
        }
        return hasSome
    }
}
