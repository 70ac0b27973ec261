import Glibc
import NodeTesting
import Testing

@testable import LinuxIO

@Suite struct UserTests {
    @Test("root is known by name and by number, and somebody without a name by number") func known() {
        #expect(User(named: "root")?.id == 0)
        #expect(User(id: 0).name == "root")
        #expect(User(id: 54_321) == User(name: "54321", id: 54_321, groups: []))
        #expect(User(named: "no-such-user") == nil)
        #expect(User.group(named: "root") == 0)
        #expect(User.group(named: "no-such-group") == nil)
        #expect(User.own.id == geteuid() && User.own.groups.contains(getegid()))
    }

    @Test(
        "a file's group is named, unless it is root's or one that a user namespace does not have",
        .enabled(if: geteuid() == 0, "needs root, who alone can give files away"),
        arguments: ["root", "nogroup", "video"])
    func groups(name: String) throws {
        let scratch = try ScratchFolder()
        let id = try #require(User.group(named: name))
        try call { chown(scratch.path, 0, id) }
        #expect(User.group(of: scratch.path) == (name == "video" ? name : nil))
    }

    @Test(
        "owner, group and others each have their bits, and only those",
        arguments: [
            (0o600 as mode_t, true, false, false), (0o060, false, true, false), (0o006, false, false, true),
            (0o640, false, false, false), (0o666, true, true, true),
        ])
    func bits(mode: mode_t, owner: Bool, group: Bool, others: Bool) throws {
        let scratch = try ScratchFolder()
        let file = scratch.file("file")
        try StateFile.write(file, [], durable: false)
        chmod(scratch.path, 0o711)
        chmod(file, mode)
        var status = stat()
        stat(file, &status)
        // Root's file is one of somebody who may everything, so the owner counts only without root.
        if status.st_uid != 0 {
            let other = User(name: "owner", id: status.st_uid, groups: [54_321])
            #expect(try other.may([.read, .write], file) == owner)
        }
        let member = User(name: "member", id: 54_321, groups: [status.st_gid])
        let stranger = User(name: "stranger", id: 54_321, groups: [54_321])
        #expect(try member.may([.read, .write], file) == group)
        #expect(try stranger.may([.read, .write], file) == others)
        #expect(try User(named: "root")?.may([.read, .write], file) == true)
    }

    @Test("a directory on the way that may not be searched shuts all in it") func way() throws {
        let scratch = try ScratchFolder()
        let file = scratch.file("file")
        try StateFile.write(file, [], mode: 0o666, durable: false)
        let stranger = User(name: "stranger", id: 54_321, groups: [54_321])
        chmod(scratch.path, 0o700)
        #expect(try !stranger.may(.read, file))
        chmod(scratch.path, 0o711)
        #expect(try stranger.may(.read, file))
        #expect(throws: Errno(ENOENT)) { try stranger.may(.read, scratch.file("none")) }
    }
}
