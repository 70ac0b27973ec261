import LinuxIO
import NodeTesting

@testable import NodeDevice

/// A machine that has just these files.
final class FakeMachine: Sendable {
    private let folder: ScratchFolder

    init(_ files: [String: String]) throws {
        folder = try ScratchFolder()
        for (path, text) in files { try place(text, at: path) }
    }

    func place(_ text: String, at path: String) throws {
        let end = path.lastIndex(of: "/") ?? path.startIndex
        try StateFile.makeDirectory(folder.path + path[..<end])
        try StateFile.write(folder.path + path, Array(text.utf8), durable: false)
    }

    /// Good for as long as this is there.
    var files: MachineFiles { MachineFiles(root: folder.path) }

    /// What `look` sees of a machine with these files.
    static func seen<R>(_ files: [String: String], _ look: (MachineFiles) throws -> R) throws -> R {
        let machine = try FakeMachine(files)
        return try withExtendedLifetime(machine) { try look(machine.files) }
    }
}
