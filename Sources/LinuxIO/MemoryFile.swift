import CLinux
import Glibc
import Synchronization

/// Why a descriptor from another process is not taken for a `MemoryFile`.
package enum MemoryFileError: Error, Equatable, Sendable {
    case notSealed
    case system(Errno)
}

/// Bytes in a memfd: they can go to another process as a descriptor and are read piece by piece, so that a large reply
/// never stands in anybody's heap.
package final class MemoryFile: Sendable {
    private let file: FileDescriptor
    private let written: Mutex<Int>

    /// An empty one. `name` shows up in `/proc/…/fd` only.
    package init(name: String) throws(Errno) {
        file = FileDescriptor(adopting: try call { cn_memfd_create(name) })
        written = Mutex(0)
    }

    /// Takes one that another process filled. Only sealed ones are taken: nobody can shorten them while they are sent.
    package init(adopting descriptor: consuming FileDescriptor) throws(MemoryFileError) {
        let raw = descriptor.raw
        let seals = cn_get_seals(raw)
        guard seals >= 0, seals & CN_F_SEALS == CN_F_SEALS else { throw .notSealed }
        var status = stat()
        do throws(Errno) { try call { fstat(raw, &status) } } catch { throw .system(error) }
        file = descriptor
        written = Mutex(Int(status.st_size))
    }

    package var size: Int { written.withLock { $0 } }

    package var descriptor: CInt { file.raw }

    package func append(_ bytes: UnsafeRawBufferPointer) throws(Errno) {
        try file.writeAll(bytes)
        written.withLock { $0 += bytes.count }
    }

    package func append(_ bytes: [UInt8]) throws(Errno) {
        let result: Result<Void, Errno> = bytes.withUnsafeBytes { raw in
            do throws(Errno) { return .success(try append(raw)) } catch { return .failure(error) }
        }
        try result.get()
    }

    /// Forbids every further change, which a receiver insists on.
    package func seal() throws(Errno) {
        // The seals are sealed too, so that a second time would be refused.
        let seals = try call { cn_get_seals(file.raw) }
        if seals & CN_F_SEALS == CN_F_SEALS { return }
        // A page that the kernel is just moving counts as one that somebody writes to; it waits for that a moment only.
        for _ in 1..<5 {
            do throws(Errno) { return try addSeals() } catch { guard error == Errno(EBUSY) else { throw error } }
        }
        try addSeals()
    }

    private func addSeals() throws(Errno) {
        try call { cn_add_seals(file.raw) }
    }

    /// The number of bytes read, 0 at the end. Reading does not move a position, so several may read at once.
    package func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(Errno) -> Int {
        try call { pread(file.raw, buffer.baseAddress, buffer.count, offset) }
    }

    /// All of it, in the heap.
    package func bytes() throws(Errno) -> [UInt8] {
        var failure: Errno?
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            do throws(Errno) {
                while count < buffer.count {
                    let rest = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[count...])
                    let got = try read(into: rest, at: count)
                    if got == 0 { break }
                    count += got
                }
            } catch { failure = error }
        }
        if let failure { throw failure }
        return bytes
    }
}
