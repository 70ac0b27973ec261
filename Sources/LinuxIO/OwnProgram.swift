import CLinux
import Glibc

/// The program that runs.
package enum OwnProgram {
    /// To be called before anything else is opened: makes a program safe from what it may have been started with.
    ///
    /// A descriptor of the standard three that is closed would be taken by the next file that is opened, and then printed into.
    /// A reader who goes away and a limit on the size of files are errors of the call that meets them, and no reason to die in
    /// the middle of something.
    package static func prepare() {
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) == -1 {
            // Gets the lowest free number, which is this one; children are to have it as well. An answer that nobody can get
            // stays an error, talk does not.
            _ = cn_open("/dev/null", descriptor == STDOUT_FILENO ? O_RDONLY : O_RDWR, 0)
        }
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
    }

    /// From now on the kernel kills this process when the thread that has started it ends.
    package static func dieWithParent() { cn_die_with_parent() }

    /// What it was called by, without directories.
    package static let name: String = {
        let word = CommandLine.arguments.first ?? ""
        return word.split(separator: "/").last.map(String.init) ?? "clawnode"
    }()

    /// Where it lies, links followed; nil without `/proc`.
    package static var directory: String? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PATH_MAX)) { buffer in
            guard let start = buffer.baseAddress else { return nil }
            let count = readlink("/proc/self/exe", start, buffer.count)
            guard count > 0 else { return nil }
            let path = String(decoding: UnsafeRawBufferPointer(buffer)[..<count], as: UTF8.self)
            return path.lastIndex(of: "/").map { String(path[..<$0]) }
        }
    }
}
