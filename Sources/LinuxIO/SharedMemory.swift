import CLinux
import Glibc

/// Memory of a fixed size that two processes have mapped: what one writes the other sees, without a copy.
package final class SharedMemory: Sendable {
    private let file: FileDescriptor
    /// All of it, for as long as this object lives. Who may write where, and when, the two processes have to tell each other.
    nonisolated(unsafe) package let bytes: UnsafeMutableRawBufferPointer

    /// Zeros, none of which takes a page before it is touched. `name` shows up in `/proc/…/maps` only.
    package convenience init(name: String, size: Int) throws(Errno) {
        let file = FileDescriptor(adopting: try call { cn_memfd_create(name) })
        let raw = file.raw
        try call { ftruncate(raw, size) }
        try call { cn_seal_size(raw) }
        try self.init(file, size: size)
    }

    /// Takes what another process has made. Only what nobody can shorten is taken: reading beyond its end would be death.
    package convenience init(adopting descriptor: consuming FileDescriptor) throws(MemoryFileError) {
        let raw = descriptor.raw
        let seals = cn_get_seals(raw)
        guard seals >= 0, seals & CN_F_SIZE_SEALS == CN_F_SIZE_SEALS else { throw .notSealed }
        var status = stat()
        do throws(Errno) {
            try call { fstat(raw, &status) }
            try self.init(descriptor, size: Int(status.st_size))
        } catch { throw .system(error) }
    }

    private init(_ file: consuming FileDescriptor, size: Int) throws(Errno) {
        let start = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED, file.raw, 0)
        guard let start, start != MAP_FAILED else { throw .current }
        bytes = UnsafeMutableRawBufferPointer(start: start, count: size)
        self.file = file
    }

    deinit { munmap(bytes.baseAddress, bytes.count) }

    package var descriptor: CInt { file.raw }
}
