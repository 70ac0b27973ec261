import CLinux
import Glibc

/// The terminals at which somebody is logged in, as utmp(5) has them, and that take messages (mesg(1)).
package enum LoginTerminals {
    /// Writes `text` to each, and gives how many have taken it. None is waited for; `root` is empty but for tests.
    package static func write(_ text: String, root: String = "") -> Int {
        // Without the file nobody is known to be logged in.
        guard let records = try? StateFile.read(root + "/run/utmp") else { return 0 }
        let size = MemoryLayout<utmpx>.stride
        var names: Set<String> = []
        records.withUnsafeBytes { bytes in
            for start in stride(from: 0, through: bytes.count - size, by: size) {
                let record = bytes.loadUnaligned(fromByteOffset: start, as: utmpx.self)
                guard record.ut_type == USER_PROCESS, isAlive(record.ut_pid) else { continue }
                names.insert(
                    withUnsafeBytes(of: record.ut_line) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
            }
        }
        return names.filter { isName($0) && take(text, root + "/dev/" + $0) }.count
    }

    /// What has crashed may have left its entry.
    private static func isAlive(_ process: pid_t) -> Bool {
        process > 0 && (kill(process, 0) == 0 || errno == EPERM)
    }

    private static func isName(_ line: String) -> Bool {
        !line.isEmpty
            && line.utf8.allSatisfy {
                UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 || UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0
                    || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= $0 || $0 == UInt8(ascii: "/")
            }
    }

    private static func take(_ text: String, _ path: String) -> Bool {
        // One that may not be written to, or is gone, takes nothing.
        guard let terminal = try? FileDescriptor(opening: path, flags: O_WRONLY | O_NONBLOCK | O_NOCTTY) else {
            return false
        }
        var status = stat()
        guard isatty(terminal.raw) == 1, fstat(terminal.raw, &status) == 0, status.st_mode & S_IWGRP != 0 else {
            return false
        }
        let bytes = Array(text.utf8)
        return Glibc.write(terminal.raw, bytes, bytes.count) == bytes.count
    }
}
