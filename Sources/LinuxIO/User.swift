import Glibc

/// Somebody's rights to files, as far as owners, groups and modes tell: what a process of theirs may open.
package struct User: Equatable, Sendable {
    package var name: String
    package var id: uid_t
    /// All of them.
    package var groups: Set<gid_t>

    package init(name: String, id: uid_t, groups: Set<gid_t>) {
        self.name = name
        self.id = id
        self.groups = groups
    }

    /// As the machine's user database has them; nil for a name that it does not know.
    package init?(named name: String) {
        self.init { space, size, entry, found in getpwnam_r(name, entry, space, size, found) }
    }

    /// A number without a name is somebody all the same, in no group that is known.
    package init(id: uid_t) {
        let known = User { space, size, entry, found in getpwuid_r(id, entry, space, size, found) }
        self = known ?? User(name: "\(id)", id: id, groups: [])
    }

    /// Who this process is, with the groups that it really has.
    package static var own: User {
        var user = User(id: geteuid())
        let count = getgroups(0, nil)
        var groups = [gid_t](repeating: 0, count: Int(max(0, count)))
        if getgroups(count, &groups) >= 0 { user.groups = Set(groups + [getegid()]) }
        return user
    }

    private init?(
        _ look: (
            UnsafeMutablePointer<CChar>, Int, UnsafeMutablePointer<passwd>,
            UnsafeMutablePointer<UnsafeMutablePointer<passwd>?>
        ) -> CInt
    ) {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        let user: User? = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 4096) { space in
            guard let start = space.baseAddress, look(start, space.count, &entry, &found) == 0, found != nil,
                let name = entry.pw_name
            else { return nil }
            var count: CInt = 256
            var groups = [gid_t](repeating: 0, count: Int(count))
            // Of somebody in more groups than any sane account has, the first ones count.
            _ = getgrouplist(name, entry.pw_gid, &groups, &count)
            return User(
                name: String(cString: name), id: entry.pw_uid, groups: Set(groups.prefix(Int(max(0, min(count, 256))))))
        }
        guard let user else { return nil }
        self = user
    }

    /// The name of the group that the file belongs to; nil for root's own, and where it cannot be seen: in a user namespace, as a
    /// worker's sandbox is one, all others' files seem to be of one group.
    package static func group(of path: String) -> String? {
        var status = stat()
        guard stat(path, &status) == 0, status.st_gid != 0, status.st_gid != overflow else { return nil }
        var entry = Glibc.group()
        var found: UnsafeMutablePointer<Glibc.group>?
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 16 * 1024) { space in
            guard let start = space.baseAddress,
                getgrgid_r(status.st_gid, &entry, start, space.count, &found) == 0, found != nil,
                let name = entry.gr_name
            else { return nil }
            return String(cString: name)
        }
    }

    /// What the kernel calls a group that has no number here (user_namespaces(7)), unless its owner has chosen another one.
    private static let overflow: gid_t = 65_534

    /// The id of a group; nil for a name that the machine does not know.
    package static func group(named name: String) -> gid_t? {
        var entry = Glibc.group()
        var found: UnsafeMutablePointer<Glibc.group>?
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 16 * 1024) { space in
            guard let start = space.baseAddress,
                getgrnam_r(name, &entry, start, space.count, &found) == 0, found != nil
            else { return nil }
            return entry.gr_gid
        }
    }

    package struct Access: OptionSet, Sendable {
        package let rawValue: mode_t

        package init(rawValue: mode_t) {
            self.rawValue = rawValue
        }

        package static let read = Access(rawValue: 4)
        package static let write = Access(rawValue: 2)
        package static let search = Access(rawValue: 1)
    }

    /// Whether they may open `path`, and every directory on the way. Somebody else's access control lists (acl(5)) are not looked
    /// at. Throws when that cannot be seen from here.
    package func may(_ access: Access, _ path: String) throws(Errno) -> Bool {
        if id == geteuid(), groups == User.own.groups {
            let mode = CInt(access.rawValue)
            guard try call(unless: EACCES, { faccessat(AT_FDCWD, path, mode, AT_EACCESS) }) == nil else { return true }
            return false
        }
        var folder = path
        while let end = folder.lastIndex(of: "/") {
            folder = end == folder.startIndex ? "/" : String(folder[..<end])
            guard try isAllowed(.search, folder) else { return false }
            if folder == "/" { break }
        }
        return try isAllowed(access, path)
    }

    private func isAllowed(_ access: Access, _ path: String) throws(Errno) -> Bool {
        if id == 0 { return true }
        var status = stat()
        try call { stat(path, &status) }
        let mode = status.st_mode
        let bits = status.st_uid == id ? mode >> 6 : groups.contains(status.st_gid) ? mode >> 3 : mode
        return bits & access.rawValue == access.rawValue
    }
}
