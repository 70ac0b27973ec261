import Glibc
import LinuxIO

/// Where a sound server may listen, and what it may want to see, by the rules of PulseAudio's own library.
struct PulseServer: Sendable {
    /// In the order in which they are tried.
    let sockets: [String]
    private let cookies: [String]

    /// As long as every server's (PA_NATIVE_COOKIE_LENGTH).
    private static let cookieLength = 256

    /// Servers that are reached over a network are not looked for: where this runs there is none.
    init(variables: [String: String]) {
        func value(_ name: String) -> String? { variables[name].flatMap { $0.isEmpty ? nil : $0 } }
        if let named = value("PULSE_SERVER") {
            sockets = named.split(separator: " ").compactMap(Self.path)
        } else {
            let own = value("PULSE_RUNTIME_PATH").map { $0 + "/native" }
            let session = (value("XDG_RUNTIME_DIR") ?? "/run/user/\(geteuid())") + "/pulse/native"
            sockets = [own, session, "/run/pulse/native"].compactMap { $0 }
        }
        let home = value("HOME") ?? "/nonexistent"
        let configuration = value("XDG_CONFIG_HOME") ?? home + "/.config"
        cookies = value("PULSE_COOKIE").map { [$0] } ?? [configuration + "/pulse/cookie", home + "/.pulse-cookie"]
    }

    /// Of `{MACHINE}unix:/path`, where only the path must be there.
    private static func path(_ address: Substring) -> String? {
        var rest = address
        if rest.first == "{", let end = rest.firstIndex(of: "}") { rest = rest[rest.index(after: end)...] }
        if rest.hasPrefix("unix:") { rest = rest.dropFirst(5) }
        return rest.first == "/" ? String(rest) : nil
    }

    /// Shows whoever may read the same file; without one it is zeros, and a server that knows us by our user takes those. Blocks.
    func cookie() -> [UInt8] {
        for path in cookies {
            // One that is not there, or not for us, is none.
            if let cookie = try? StateFile.read(path, limit: Self.cookieLength), cookie.count == Self.cookieLength {
                return cookie
            }
        }
        return [UInt8](repeating: 0, count: Self.cookieLength)
    }
}
