import Glibc
import LinuxIO

/// A folder for one run of the demo.
struct ScratchFolder: Sendable {
    let path: String

    init() throws(Errno) {
        var template = Array("/tmp/clawnode-demo-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Errno.current }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
