import LinuxIO

/// A file system on a disk, as it is mounted here (proc(5), /proc/self/mounts).
struct Volume: Equatable, Sendable {
    var path: String
    var device: String
    var format: String
    var space: DiskSpace

    /// Those on the machine's own disks, each once, where it was mounted first. Blocks for as long as a disk takes.
    static func all(_ files: MachineFiles) -> [Volume] {
        var seen: Set<Substring> = []
        return files.lines("/proc/self/mounts").compactMap { line in
            let fields = line.split(separator: " ")
            guard fields.count >= 3, fields[0].hasPrefix("/dev/"), !seen.contains(fields[0]) else { return nil }
            let path = unescaped(fields[1])
            // What this user may not look at is none of his.
            guard let space = try? DiskSpace(at: files.root + path), space.totalBytes > 0 else { return nil }
            seen.insert(fields[0])
            return Volume(path: path, device: unescaped(fields[0]), format: String(fields[2]), space: space)
        }
    }

    /// `\040` is a blank.
    static func unescaped(_ field: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = field.utf8[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(3)
            if byte == UInt8(ascii: "\\"), digits.count == 3,
                let code = UInt8(String(decoding: digits, as: UTF8.self), radix: 8)
            {
                bytes.append(code)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
