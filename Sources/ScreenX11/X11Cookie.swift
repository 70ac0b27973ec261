import LinuxIO

/// What shows an X server that we may see what its user sees: an entry of a file that only they can read (Xau(3)).
struct X11Cookie: Equatable, Sendable {
    static let protocolName = "MIT-MAGIC-COOKIE-1"

    private struct Entry {
        let family: Int
        let host: [UInt8]
        let display: String
        let name: String
        let cookie: [UInt8]
    }

    private static let anyHost = 65_535
    private static let local = 256
    private static let longestFile = 1 << 20

    let bytes: [UInt8]

    /// Of what stands in `file`, the cookie for that display of this machine, which `host` is the name of; nil when there is none.
    init?(_ file: [UInt8], display: Int, host: String) {
        let fitting = Self.entries(file).filter {
            $0.name == Self.protocolName && ["", "\(display)"].contains($0.display)
                && [Self.local, Self.anyHost].contains($0.family)
        }
        // A machine that got another name since is still this one.
        let best = fitting.first { $0.family == Self.anyHost || $0.host == Array(host.utf8) } ?? fitting.first
        guard let best else { return nil }
        bytes = best.cookie
    }

    /// The first of these files that has one. Blocks.
    static func find(in files: [String], display: Int, host: String) -> X11Cookie? {
        for path in files {
            // One that is not there, or not for us, is none.
            let file = (try? StateFile.read(path, limit: longestFile)) ?? []
            if let cookie = X11Cookie(file, display: display, host: host) { return cookie }
        }
        return nil
    }

    /// Where such files are: as the session says, in the home, and where display managers keep them.
    static func files(_ variables: [String: String], user: UInt32) -> [String] {
        if let named = variables["XAUTHORITY"], !named.isEmpty { return [named] }
        let runtime = variables["XDG_RUNTIME_DIR"] ?? "/run/user/\(user)"
        return (variables["HOME"].map { [$0 + "/.Xauthority"] } ?? []) + ["\(runtime)/gdm/Xauthority"]
    }

    /// Up to the first that is not whole. Numbers have their big end first here.
    private static func entries(_ file: [UInt8]) -> [Entry] {
        var rest = file[...]
        func word() -> Int? {
            guard rest.count >= 2 else { return nil }
            let start = rest.startIndex
            defer { rest = rest.dropFirst(2) }
            return Int(rest[start]) << 8 | Int(rest[start + 1])
        }
        func field() -> [UInt8]? {
            guard let count = word(), rest.count >= count else { return nil }
            defer { rest = rest.dropFirst(count) }
            return Array(rest.prefix(count))
        }
        var entries: [Entry] = []
        while let family = word(), let host = field(), let display = field(), let name = field(), let cookie = field() {
            entries.append(
                Entry(
                    family: family, host: host, display: String(decoding: display, as: UTF8.self),
                    name: String(decoding: name, as: UTF8.self), cookie: cookie))
        }
        return entries
    }
}
