import CLinux
import Glibc

/// An exclusive `flock` for as long as it lives; the kernel lets go when the process ends, however it ends.
package final class FileLock: Sendable {
    private let file: FileDescriptor

    private init(_ file: consuming FileDescriptor) {
        self.file = file
    }

    deinit {
        // A child that is just being started shares the open file until it becomes another program; closing ours alone
        // would leave it locked for that long.
        _ = flock(file.raw, LOCK_UN)
    }

    /// Locks the file at `path`, making it if need be; nil when another process holds it.
    package static func acquire(_ path: String) throws(Errno) -> FileLock? {
        let file = try FileDescriptor(opening: path, flags: O_RDWR | O_CREAT, mode: 0o600)
        let raw = file.raw
        for _ in 0..<looks {
            if try call(unless: EWOULDBLOCK, { flock(raw, LOCK_EX | LOCK_NB) }) != nil { return FileLock(file) }
            usleep(lookMicroseconds)
        }
        return nil
    }

    /// Locks the file at `path`, making it if need be, once whoever has it lets go. Blocks for that long.
    package static func wait(for path: String) throws(Errno) -> FileLock {
        let file = try FileDescriptor(opening: path, flags: O_RDWR | O_CREAT, mode: 0o600)
        let raw = file.raw
        try call { flock(raw, LOCK_EX) }
        return FileLock(file)
    }

    /// Whether it is the file at `path` that is locked: that may have been removed since, or be another one.
    package func isLock(of path: String) -> Bool {
        var ours = stat()
        var theirs = stat()
        guard fstat(file.raw, &ours) == 0 else { return false }
        // Of what cannot be looked at it is not known that it has gone.
        guard stat(path, &theirs) == 0 else { return errno != ENOENT && errno != ENOTDIR }
        return ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino
    }

    // Who asks `isHeld` has a lock for a moment; that must not keep a daemon from starting.
    private static let looks = 50
    private static let lookMicroseconds: UInt32 = 10_000

    /// Whether a process holds it now; a file that does not exist is not held. Throws when it may not be looked at.
    package static func isHeld(_ path: String) throws(Errno) -> Bool {
        // A pipe in its place would be waited for.
        let flags = O_RDONLY | O_NONBLOCK | O_CLOEXEC
        guard let raw = try call(unless: ENOENT, { cn_open(path, flags, 0) }) else { return false }
        let file = FileDescriptor(adopting: raw)
        defer { _ = flock(file.raw, LOCK_UN) }
        return try call(unless: EWOULDBLOCK) { flock(file.raw, LOCK_SH | LOCK_NB) } == nil
    }
}
