import LinuxIO

/// The project's own files, for tests that hold one against another.
enum Sources {
    private static let root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")

    static func text(_ path: String) throws -> String {
        String(decoding: try StateFile.read(root + "/" + path, limit: 1 << 22), as: UTF8.self)
    }

    /// All Swift of the programs, the demo and its gateway left out.
    static func ofPrograms() throws -> String { try all(but: ["PracticeGateway", "clawnode-demo"]) }

    static func all(but excluded: [String] = []) throws -> String {
        try Directory.names(in: root + "/Sources").sorted().filter { !excluded.contains($0) && $0 != "README.md" }
            .map { try swift(below: "Sources/" + $0) }.joined()
    }

    private static func swift(below folder: String) throws -> String {
        try Directory.names(in: root + "/" + folder).sorted().map { name in
            if name.hasSuffix(".swift") { return try text(folder + "/" + name) }
            return name.contains(".") ? "" : try swift(below: folder + "/" + name)
        }.joined()
    }
}
