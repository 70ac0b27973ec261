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

    deinit { Directory.remove(path) }

    package func file(_ name: String) -> String { path + "/" + name }

    /// What is in it, sorted.
    package var names: [String] {
        // Only a test that removes the folder itself lets it fail.
        ((try? Directory.names(in: path)) ?? []).sorted()
    }
}
