import Glibc
import LinuxIO
import NodeTesting
import Testing

@testable import NodeCore

@Suite struct MessageIDTests {
    static let catalogue =
        "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/") + "/systemd/clawnode.catalog"

    @Test("every message with an id is explained, and nothing else is") func entries() throws {
        let text = String(decoding: try StateFile.read(Self.catalogue), as: UTF8.self)
        let heads = text.split(separator: "\n").filter { $0.hasPrefix("-- ") }.map { String($0.dropFirst(3)) }
        #expect(heads.sorted() == MessageID.allCases.map(\.rawValue).sorted())
    }

    @Test("journalctl takes the whole catalogue in") func compiled() async throws {
        let root = try ScratchFolder()
        try await onEventLoop { loop in
            for folder in ["/usr/lib/systemd/catalog", "/var/lib/systemd/catalog"] {
                try StateFile.makeDirectory(root.path + folder)
            }
            try StateFile.write(
                root.path + "/usr/lib/systemd/catalog/clawnode.catalog", try StateFile.read(Self.catalogue),
                durable: false)
            func journalctl(_ word: String) async throws -> String {
                let out = try FileDescriptor(
                    opening: root.file("out"), flags: O_WRONLY | O_CREAT | O_TRUNC, mode: 0o600)
                let child = try ChildProcess.spawn(
                    "/usr/bin/journalctl", arguments: ["--root=" + root.path, word, "--no-pager"],
                    descriptors: [(out.raw, as: 1), (out.raw, as: 2)], on: loop)
                #expect(try await child.wait() == .exited(0))
                return String(decoding: try StateFile.read(root.file("out")), as: UTF8.self)
            }
            // What it does not understand it complains of.
            #expect(try await journalctl("--update-catalog") == "")
            let list = try await journalctl("--list-catalog")
            for id in MessageID.allCases { #expect(list.contains("\(id.rawValue) clawnode: ")) }
        }
    }
}
