import Glibc

/// What the process was started with; to be read before anything changes it.
package enum EnvironmentVariables {
    package static func current() -> [String: String] {
        var variables: [String: String] = [:]
        var entry = environ
        while let text = entry.pointee {
            let parts = String(cString: text).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { variables[String(parts[0])] = String(parts[1]) }
            entry += 1
        }
        return variables
    }

    /// What a process was started with (proc_pid_environ(5)); nil where it does not run, or is not ours to look into.
    package static func of(process pid: Int) -> [String: String]? {
        guard let bytes = try? StateFile.read("/proc/\(pid)/environ") else { return nil }
        var variables: [String: String] = [:]
        for entry in bytes.split(separator: 0) {
            guard let equals = entry.firstIndex(of: UInt8(ascii: "=")) else { continue }
            variables[String(decoding: entry[..<equals], as: UTF8.self)] =
                String(decoding: entry[(equals + 1)...], as: UTF8.self)
        }
        return variables
    }
}
