import Glibc

/// Whose a directory is, with the rights that a process of theirs has: what root becomes before it works there for them.
package struct DirectoryOwner: Equatable, Sendable {
    package let user: uid_t
    package let group: gid_t
    package let groups: Set<gid_t>

    /// Nil for who is not root and so cannot become anybody, and for a directory that is root's own, or not there yet.
    package init?(besideRoot path: String) {
        var status = stat()
        guard geteuid() == 0, stat(path, &status) == 0, status.st_uid != 0 else { return nil }
        user = status.st_uid
        group = status.st_gid
        groups = User(id: status.st_uid).groups
    }
}
