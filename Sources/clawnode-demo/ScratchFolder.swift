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

    /// Removes it with all that is in it; what cannot be removed stays.
    func remove() {
        Self.remove(path)
    }

    private static func remove(_ folder: String) {
        if let directory = opendir(folder) {
            defer { closedir(directory) }
            while let entry = readdir(directory) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                guard name != ".", name != ".." else { continue }
                let path = folder + "/" + name
                if entry.pointee.d_type == UInt8(DT_DIR) { remove(path) } else { unlink(path) }
            }
        }
        rmdir(folder)
    }
}
