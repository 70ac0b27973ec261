import Glibc
import LinuxIO

/// A folder of its own for one test; gone with it.
package final class ScratchFolder: Sendable {
    package let path: String

    package init(in parent: String = "/tmp") throws {
        var template = Array((parent + "/clawnode-test.XXXXXX").utf8CString)
        guard mkdtemp(&template) != nil else { throw Errno.current }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        Self.empty(path)
        rmdir(path)
    }

    package func file(_ name: String) -> String { path + "/" + name }

    /// What is in it, sorted.
    package var names: [String] { Self.entries(path).map(\.name).sorted() }

    private static func empty(_ folder: String) {
        for entry in entries(folder) {
            let path = folder + "/" + entry.name
            if entry.isFolder {
                empty(path)
                rmdir(path)
            } else {
                unlink(path)
            }
        }
    }

    private static func entries(_ folder: String) -> [(name: String, isFolder: Bool)] {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var entries: [(name: String, isFolder: Bool)] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { entries.append((name, entry.pointee.d_type == UInt8(DT_DIR))) }
        }
        return entries
    }
}
