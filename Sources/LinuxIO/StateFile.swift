import CLinux
import Glibc

/// Small files that must survive a power cut whole: they are replaced, never changed.
package enum StateFile {
    /// All of `path`, refused with `EFBIG` above `limit` bytes and with `EISDIR` for a directory.
    package static func read(_ path: String, limit: Int = 1 << 20) throws(Errno) -> [UInt8] {
        let file = try FileDescriptor(opening: path, flags: O_RDONLY)
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16 * 1024)
        while true {
            let result: Result<Int, Errno> = chunk.withUnsafeMutableBytes { raw in
                do throws(Errno) { return .success(try file.read(into: raw)) } catch { return .failure(error) }
            }
            let count = try result.get()
            if count == 0 { return bytes }
            bytes += chunk[..<count]
            if bytes.count > limit { throw Errno(EFBIG) }
        }
    }

    /// What `path` leads to, as `S_IFMT` has it; nil when there is nothing. Of a link to nowhere, `ENOENT` is thrown: a disk
    /// that is not mounted is no empty one.
    package static func kind(of path: String) throws(Errno) -> mode_t? {
        var status = stat()
        guard try call(unless: ENOENT, { lstat(path, &status) }) != nil else { return nil }
        try call { stat(path, &status) }
        return status.st_mode & S_IFMT
    }

    /// Puts `bytes` in the place of whatever `path` is now, at once. With `durable`, they have reached the disk, and so has
    /// the name, when this returns. Blocks for as long as the disk takes.
    package static func write(
        _ path: String, _ bytes: [UInt8], mode: mode_t = 0o600, durable: Bool = true
    ) throws(Errno) {
        let draft = path + ".new"
        do throws(Errno) {
            let file = try FileDescriptor(opening: draft, flags: O_WRONLY | O_CREAT | O_TRUNC, mode: mode)
            try call { fchmod(file.raw, mode) }
            let result: Result<Void, Errno> = bytes.withUnsafeBytes { raw in
                do throws(Errno) { return .success(try file.writeAll(raw)) } catch { return .failure(error) }
            }
            try result.get()
            if durable { try call { fsync(file.raw) } }
            try call { rename(draft, path) }
        } catch {
            // What could not be finished is of no use; the old file is untouched.
            _ = unlink(draft)
            throw error
        }
        guard durable else { return }
        let end = path.lastIndex(of: "/")
        let folder = end.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let directory = try FileDescriptor(opening: folder, flags: O_RDONLY | O_DIRECTORY)
        try call { fsync(directory.raw) }
    }

    /// Makes `path` and its missing parents with `mode`; what exists stays as it is.
    package static func makeDirectory(_ path: String, mode: mode_t = 0o700) throws(Errno) {
        var made = try call(unless: ENOENT) { cn_mkdir(path, mode) }
        if made == nil {
            guard let end = path.lastIndex(of: "/"), end != path.startIndex else { throw Errno(ENOENT) }
            try makeDirectory(String(path[..<end]), mode: mode)
            made = try call { cn_mkdir(path, mode) }
        }
        var status = stat()
        try call { stat(path, &status) }
        guard status.st_mode & S_IFMT == S_IFDIR else { throw Errno(ENOTDIR) }
    }
}
