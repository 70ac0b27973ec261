import Glibc

/// The program that runs.
package enum OwnProgram {
    /// Where it lies, links followed; nil without `/proc`.
    package static var directory: String? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PATH_MAX)) { buffer in
            guard let start = buffer.baseAddress else { return nil }
            let count = readlink("/proc/self/exe", start, buffer.count)
            guard count > 0 else { return nil }
            let path = String(decoding: UnsafeRawBufferPointer(buffer)[..<count], as: UTF8.self)
            return path.lastIndex(of: "/").map { String(path[..<$0]) }
        }
    }
}
