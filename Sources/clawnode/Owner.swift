import Glibc
import LinuxIO

/// Root acts as the owner of the state directory, or the daemon could not read what root has written.
enum Owner {
    /// With the owner's groups. A `runtime` directory that is missing is made first, where only root may make one.
    static func become(of directory: String, making runtime: String? = nil) throws {
        // A directory that is not there yet will be root's own.
        guard let owner = DirectoryOwner(besideRoot: directory) else { return }
        do throws(Errno) {
            if let runtime, access(runtime, F_OK) != 0 {
                try StateFile.makeDirectory(runtime, mode: 0o755)
                try call { chown(runtime, owner.user, owner.group) }
            }
            let groups = Array(owner.groups)
            try call { setgroups(groups.count, groups) }
            try call { setgid(owner.group) }
            try call { setuid(owner.user) }
        } catch { throw Failure(.cannotWrite, "cannot become the owner of \(directory): \(error)") }
    }
}
