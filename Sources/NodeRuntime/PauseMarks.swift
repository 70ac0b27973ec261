import Gateway
import Glibc
import LinuxIO

/// What the owner has paused: an empty file for each capability in the state directory, so that it survives restarts and
/// a hand can lift it too.
package struct PauseMarks: Sendable {
    private let directory: String

    package init(directory: String) {
        self.directory = directory
    }

    /// Returns once it has reached the disk.
    package func place(_ capability: String) throws(StateError) {
        let path = path(capability)
        do throws(Errno) {
            try StateFile.makeDirectory(directory)
            try StateFile.write(path, [])
        } catch { throw .unwritable(path: path, error) }
    }

    package func lift(_ capability: String) throws(StateError) {
        let path = path(capability)
        do throws(Errno) { _ = try call(unless: ENOENT) { unlink(path) } } catch {
            throw .unwritable(path: path, error)
        }
    }

    /// Of a mark that cannot be looked for it is not known that it is absent: a switch must not fail into "on".
    package func isPaused(_ capability: String) -> Bool {
        access(path(capability), F_OK) == 0 || errno != ENOENT
    }

    /// The capabilities that are. Blocks for as long as a disk takes.
    var paused: Set<String> {
        Set(Family.all.filter { $0.isPausable && isPaused($0.name) }.map(\.name))
    }

    static func fileName(_ capability: String) -> String { "paused-" + capability }

    private func path(_ capability: String) -> String {
        directory + "/" + Self.fileName(capability)
    }
}
