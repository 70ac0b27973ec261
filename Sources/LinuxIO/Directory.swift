import Glibc

/// Directories as a whole.
package enum Directory {
    /// What is in it, in no order.
    package static func names(in path: String) throws(Errno) -> [String] {
        guard let stream = opendir(path) else { throw .current }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            // An entry is only as long as its name: reading the whole declared array would go past the end.
            let offset = MemoryLayout<dirent>.offset(of: \.d_name) ?? 0
            let name = String(cString: UnsafeRawPointer(entry).advanced(by: offset).assumingMemoryBound(to: CChar.self))
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// Removes it with all that is in it; what cannot be removed stays.
    package static func remove(_ path: String) {
        // One that cannot be read can only go when it is empty.
        for name in (try? names(in: path)) ?? [] {
            let entry = path + "/" + name
            if unlink(entry) != 0, errno == EISDIR { remove(entry) }
        }
        rmdir(path)
    }
}
