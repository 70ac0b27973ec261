import Glibc
import LinuxIO
import NodeTesting
import Testing

/// A folder as the state directory of a test's node.
extension ScratchFolder {
    /// An empty directory, or a file.
    func remove(_ name: String) {
        if rmdir(file(name)) != 0 { unlink(file(name)) }
    }

    func put(_ text: String, into name: String) throws {
        try StateFile.write(file(name), text.bytes)
    }

    func text(of name: String) throws -> String {
        String(decoding: try StateFile.read(file(name)), as: UTF8.self)
    }

    /// The permission bits of a file, or of the folder itself.
    static func mode(of path: String) throws -> mode_t {
        var status = stat()
        try call { stat(path, &status) }
        return status.st_mode & 0o7777
    }

    /// A directory that not even root can write to.
    static let unwritable = "/sys"
}

/// The ways in which a state file can be unlike what was written: each is to be told, and none to be mended by force.
struct Damage: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let apply: @Sendable (String) -> String

    static let all = [
        Damage(testDescription: "empty") { _ in "" },
        Damage(testDescription: "cut off") { String($0.prefix($0.count / 2)) },
        Damage(testDescription: "zeroes, as after a power cut") { String(repeating: "\u{0}", count: $0.count) },
        Damage(testDescription: "another program's JSON") { _ in "[1,2,3]" },
        Damage(testDescription: "a later version") {
            $0.replacing("\"version\" : 1", with: "\"version\" : 2")
        },
        Damage(testDescription: "not JSON") { "# comment\n" + $0 },
    ]
}
