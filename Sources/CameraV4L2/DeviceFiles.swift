import Glibc
import LinuxIO

/// The video nodes in `/dev` and the links that udev keeps beside them, read without opening any of them.
struct DeviceFiles {
    let root: String

    /// The paths of all nodes named `videoN`, by their number.
    var videoNodes: [String] {
        let numbers = names(in: root).compactMap { name in
            name.hasPrefix("video") ? Int(name.dropFirst("video".count)) : nil
        }
        return numbers.sorted().map { "\(root)/video\($0)" }
    }

    /// The links to `node`, whole paths in the order of their names.
    func links(in directory: String, to node: String) -> [String] {
        names(in: "\(root)/v4l/\(directory)").sorted().map { "\(root)/v4l/\(directory)/\($0)" }
            .filter { Self.destination(of: $0) == node }
    }

    /// Where a link leads in the end; nil when it leads nowhere.
    static func destination(of path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    private func names(in directory: String) -> [String] {
        // A machine without cameras lacks most of these directories.
        (try? Directory.names(in: directory)) ?? []
    }
}
