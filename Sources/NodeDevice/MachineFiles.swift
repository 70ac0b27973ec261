import Glibc
import LinuxIO

/// What a machine tells of itself in small files, below /proc and /sys above all. One that is not there, or cannot be read, only
/// means that this machine does not have that fact.
package struct MachineFiles: Sendable {
    /// What stands before their paths: empty but for tests.
    package let root: String

    package init(root: String = "") {
        self.root = root
    }

    /// Without the blanks, line break or zero byte around it.
    package func text(_ path: String) -> String? {
        // What cannot be read the machine does not tell.
        guard let bytes = try? StateFile.read(root + path) else { return nil }
        let text = String(decoding: bytes, as: UTF8.self).drop { $0.isWhitespace || $0 == "\0" }
        guard let end = text.lastIndex(where: { !$0.isWhitespace && $0 != "\0" }) else { return "" }
        return String(text[...end])
    }

    func integer(_ path: String) -> Int? { text(path).flatMap { Int($0) } }

    func lines(_ path: String) -> [Substring] { text(path)?.split(whereSeparator: \.isNewline) ?? [] }

    /// What is in a directory, sorted; nothing when it is not there.
    package func names(in path: String) -> [String] {
        ((try? Directory.names(in: root + path)) ?? []).sorted()
    }

    func has(_ path: String) -> Bool { access(root + path, F_OK) == 0 }
}
