import CLinux
import Glibc

/// What this process holds of the machine's memory.
package enum Footprint {
    /// Gives back what is free on the heap (malloc_trim(3)), and the code that has run: it is in the page cache, and what runs
    /// again comes from there, sixteen pages at a touch (MADV_DONTNEED).
    package static func trim() {
        cn_trim_heap()
        for code in mappedCode() {
            madvise(UnsafeMutableRawPointer(bitPattern: code.lowerBound), code.count, MADV_DONTNEED)
        }
    }

    /// The addresses of the files' executable parts: proc_pid_maps(5). Nobody has written to these, while what else cannot be written
    /// to may have been, before its protection was changed (RELRO).
    static func mappedCode() -> [Range<UInt>] {
        // Who does not see the list keeps the code.
        guard let maps = try? StateFile.read("/proc/self/maps") else { return [] }
        return String(decoding: maps, as: UTF8.self).split(separator: "\n").compactMap { line in
            let fields = line.split(separator: " ")
            guard fields.count > 5, fields[1] == "r-xp", fields[5].hasPrefix("/") else { return nil }
            let bounds = fields[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
            return bounds.count == 2 && bounds[0] < bounds[1] ? bounds[0]..<bounds[1] : nil
        }
    }
}
