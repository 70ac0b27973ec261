import CLinux
import Glibc
import Synchronization

/// Tells that something in a directory was written, moved in or removed (inotify(7)).
///
/// All of a user's programs share a number of the kernel's queues for this (fs.inotify.max_user_instances, 128 on most machines).
/// Where none is left, each second counts as a change, for there may have been one, until there is one again.
package final class DirectoryWatch: Sendable {
    private static let look = Duration.seconds(1)

    private let path: String
    private let inode: ino_t
    private let loop: EventLoop
    private let queue: Mutex<Queue?>
    private let over = Mutex(false)

    /// Throws what keeps the directory from being watched, `ENOENT` for example, but nothing for want of a queue.
    package init(_ directory: String, on loop: EventLoop) throws(Errno) {
        path = directory
        self.loop = loop
        do throws(Errno) { queue = Mutex(try Queue(directory, on: loop)) } catch {
            guard [EMFILE, ENFILE, ENOSPC].contains(error.code) else { throw error }
            queue = Mutex(nil)
        }
        inode = try Self.inode(of: directory)
    }

    /// Whether the directory was seen to have been removed or to have got another name: nothing more is told of what is at its path.
    package var isOver: Bool { over.withLock { $0 } }

    /// Returns after the next change, or at once for one since the last call. Several changes may count as one. Throws
    /// `CancellationError` only.
    package func next() async throws {
        guard let queue = self.queue.withLock({ $0 }) else {
            try await loop.sleep(for: Self.look)
            // Without one it is as before.
            let found = try? Queue(path, on: loop)
            self.queue.withLock { $0 = found }
            // What cannot be looked at is not what was there.
            if (try? Self.inode(of: path)) != inode { over.withLock { $0 = true } }
            return
        }
        while true {
            let events = queue.take()
            if events & UInt32(IN_DELETE_SELF | IN_MOVE_SELF) != 0 { over.withLock { $0 = true } }
            if events != 0 { return }
            _ = try await queue.readiness.wait(for: .read)
        }
    }

    private static func inode(of path: String) throws(Errno) -> ino_t {
        var status = stat()
        try call { stat(path, &status) }
        return status.st_ino
    }

    private final class Queue: Sendable {
        private let descriptor: FileDescriptor
        let readiness: Readiness

        init(_ directory: String, on loop: EventLoop) throws(Errno) {
            descriptor = FileDescriptor(adopting: try call { inotify_init1(O_CLOEXEC | O_NONBLOCK) })
            let raw = descriptor.raw
            let events = UInt32(IN_CLOSE_WRITE | IN_MOVED_TO | IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF)
            try call { inotify_add_watch(raw, directory, events) }
            readiness = try Readiness(raw, on: loop)
        }

        deinit { readiness.cancel() }

        /// All that has come, as one mask; 0 when nothing has.
        func take() -> UInt32 {
            var mask: UInt32 = 0
            withUnsafeTemporaryAllocation(byteCount: 4096, alignment: MemoryLayout<inotify_event>.alignment) { buffer in
                while true {
                    let count = Glibc.read(descriptor.raw, buffer.baseAddress, buffer.count)
                    guard count > 0 else { return }
                    var offset = 0
                    while offset < count {
                        let event = buffer.load(fromByteOffset: offset, as: inotify_event.self)
                        mask |= event.mask
                        offset += MemoryLayout<inotify_event>.size + Int(event.len)
                    }
                }
            }
            return mask
        }
    }
}
