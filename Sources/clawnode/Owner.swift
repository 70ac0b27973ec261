import Glibc
import LinuxIO

/// Root acts as the owner of the state directory, or the daemon could not read what root has written.
enum Owner {
    /// With the owner's groups. A `runtime` directory that is missing is made first, where only root may make one.
    static func become(of directory: String, making runtime: String? = nil) throws {
        guard geteuid() == 0 else { return }
        var status = stat()
        // A directory that is not there yet will be root's own.
        guard stat(directory, &status) == 0, status.st_uid != 0 else { return }
        do throws(Errno) {
            if let runtime, access(runtime, F_OK) != 0 {
                try StateFile.makeDirectory(runtime, mode: 0o755)
                try call { chown(runtime, status.st_uid, status.st_gid) }
            }
            let groups = Array(User(id: status.st_uid).groups)
            try call { setgroups(groups.count, groups) }
            try call { setgid(status.st_gid) }
            try call { setuid(status.st_uid) }
        } catch { throw Failure(.cannotWrite, "cannot become the owner of \(directory): \(error)") }
    }
}
