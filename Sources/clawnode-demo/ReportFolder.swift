import Glibc
import LinuxIO

/// The folder for the report, in the directory where the demo was started.
struct ReportFolder {
    struct Unwritable: Error, CustomStringConvertible {
        let path: String
        let reason: Errno

        var description: String {
            "\(path) cannot be written: \(reason); where there is room and you may write, start it again: "
                + "cd && \(OwnProgram.directory ?? "")/clawnode-demo"
        }
    }

    static let name = "clawnode-demo"

    /// Makes it when it is missing. Whoever cannot have a report need not wait for the end to hear of it.
    init() throws(Unwritable) {
        do throws(Errno) {
            try StateFile.makeDirectory(Self.name, mode: 0o755)
            try call { access(Self.name, W_OK | X_OK) }
        } catch { throw Self.unwritable(error) }
    }

    func write(_ name: String, _ bytes: [UInt8]) throws(Unwritable) {
        do throws(Errno) { try StateFile.write("\(Self.name)/\(name)", bytes, mode: 0o644, durable: false) } catch {
            throw Self.unwritable(error)
        }
    }

    private static func unwritable(_ reason: Errno) -> Unwritable {
        // Nil where the directory has been removed; then the folder's own name has to do.
        guard let here = getcwd(nil, 0) else { return Unwritable(path: name, reason: reason) }
        defer { free(here) }
        return Unwritable(path: String(cString: here) + "/" + name, reason: reason)
    }
}
