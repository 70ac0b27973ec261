import Glibc
import LinuxIO

/// Root acts as the owner of the state directory, or the daemon could not read what root has written.
enum Owner {
    static func become(of directory: String) throws {
        guard geteuid() == 0 else { return }
        var status = stat()
        // A directory that is not there yet will be root's own.
        guard stat(directory, &status) == 0, status.st_uid != 0 else { return }
        do throws(Errno) {
            try call { setgroups(0, nil) }
            try call { setgid(status.st_gid) }
            try call { setuid(status.st_uid) }
        } catch { throw Failure(.cannotWrite, "cannot become the owner of \(directory): \(error)") }
    }
}
