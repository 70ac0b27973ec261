import Glibc
import LinuxIO
import NodeTesting
import PracticeGateway
import Testing

@testable import Gateway

@Suite struct DeviceIdentityTests {
    private static let name = "identity.json"

    @Test("is made once, and is the same ever after")
    func reload() throws {
        let folder = try ScratchFolder()
        let first = try DeviceIdentity.loadOrCreate(in: folder.path)
        let text = try folder.text(of: Self.name)
        let second = try DeviceIdentity.loadOrCreate(in: folder.path)
        #expect(second.deviceID == first.deviceID)
        #expect(second.instanceID == first.instanceID)
        #expect(second.key.publicKey == first.key.publicKey)
        #expect(try folder.text(of: Self.name) == text)
        // Nothing half-written stays behind.
        #expect(folder.names == [Self.name])
    }

    @Test("the directory is made for its owner alone, and so is the file")
    func modes() throws {
        let folder = try ScratchFolder()
        let deep = folder.file("a/b")
        _ = try DeviceIdentity.loadOrCreate(in: deep)
        #expect(try ScratchFolder.mode(of: deep) == 0o700)
        #expect(try ScratchFolder.mode(of: deep + "/" + Self.name) == 0o600)
    }

    @Test("no two are alike")
    func unique() throws {
        let folders = try (0..<2).map { _ in try ScratchFolder() }
        let identities = try folders.map { try DeviceIdentity.loadOrCreate(in: $0.path) }
        #expect(identities[0].deviceID != identities[1].deviceID)
        #expect(identities[0].instanceID != identities[1].instanceID)
    }

    @Test("the file is of the form that the official node keeps")
    func form() throws {
        let folder = try ScratchFolder()
        let identity = try DeviceIdentity.loadOrCreate(in: folder.path)
        let file = try JSONReader.read(try folder.text(of: Self.name).bytes)
        #expect(file["version"] == 1)
        #expect(file["deviceId"]?.string == identity.deviceID)
        #expect(file["publicKeyPem"]?.string?.hasPrefix("-----BEGIN PUBLIC KEY-----\n") == true)
        #expect(file["privateKeyPem"]?.string?.hasPrefix("-----BEGIN PRIVATE KEY-----\n") == true)
        #expect(try #require(file["createdAtMs"]?.integer) > 1_600_000_000_000)
    }

    @Test("a damaged file is an error that says how to recover, and stays as it is", arguments: Damage.all)
    func damaged(_ damage: Damage) throws {
        let folder = try ScratchFolder()
        _ = try DeviceIdentity.loadOrCreate(in: folder.path)
        let damaged = damage.apply(try folder.text(of: Self.name))
        try folder.put(damaged, into: Self.name)
        let error = try #require(
            thrown(StateError.self) { try DeviceIdentity.loadOrCreate(in: folder.path) })
        guard case .malformed(folder.file(Self.name), _) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(error.description.contains("mv \(folder.file(Self.name)) "))
        #expect(try folder.text(of: Self.name) == damaged)
    }

    @Test(
        "members that do not fit together are damage too",
        arguments: ["deviceId", "privateKeyPem", "instanceId"])
    func inconsistent(_ member: String) throws {
        let folder = try ScratchFolder()
        _ = try DeviceIdentity.loadOrCreate(in: folder.path)
        let text = try folder.text(of: Self.name)
        let file = try JSONReader.read(text.bytes)
        let members = (file.object?.members ?? []).map { "\"\($0.key)\":\($0.key == member ? "\"\"" : $0.value.text)" }
        let damaged = "{" + members.joined(separator: ",") + "}"
        try folder.put(damaged, into: Self.name)
        let error = try #require(
            thrown(StateError.self) { try DeviceIdentity.loadOrCreate(in: folder.path) })
        #expect(error.description.contains(member))
        #expect(try folder.text(of: Self.name) == damaged)
    }

    @Test("a file that cannot be read is no reason to become somebody else")
    func unreadable() throws {
        let folder = try ScratchFolder()
        let path = folder.file(Self.name)
        try call { mkdir(path, 0o700) }
        #expect(throws: StateError.unreadable(path: path, Errno(EISDIR))) {
            try DeviceIdentity.loadOrCreate(in: folder.path)
        }
    }

    @Test("a link to a disk that is not there is no reason to become somebody else, and a pipe is not waited for")
    func linkAndPipe() throws {
        let folder = try ScratchFolder()
        let path = folder.file(Self.name)
        try call { symlink("/nonexistent/disk/identity.json", path) }
        #expect(throws: StateError.unreadable(path: path, Errno(ENOENT))) {
            try DeviceIdentity.loadOrCreate(in: folder.path)
        }
        try call { unlink(path) }
        try call { mkfifo(path, 0o600) }
        let error = try #require(thrown(StateError.self) { try DeviceIdentity.loadOrCreate(in: folder.path) })
        #expect(error == .noFile(path: path))
        #expect(error.description.contains("is a pipe") && error.description.contains("mv \(path) "))
    }

    @Test("only a file that is to blame is to be moved away", arguments: [EACCES, EPERM, EMFILE, ENOENT, EIO, EISDIR])
    func blame(errno: CInt) {
        let text = StateError.unreadable(path: "/state/identity.json", Errno(errno)).description
        #expect(text.contains("mv ") == (errno == EISDIR))
        #expect(text.contains("sudo") == (errno == EACCES || errno == EPERM))
    }

    @Test(
        "what cannot be written is told with what to do",
        arguments: [
            (EACCES, "sudo"), (EPERM, "sudo"), (ENOSPC, "df -h"), (EFBIG, "ulimit -f"), (EMFILE, "ulimit -n"),
            (EISDIR, "namei -l /state/x"),
            (ENOTDIR, "namei -l /state/x"), (EROFS, "--state-dir"), (ENOENT, "--state-dir"),
        ])
    func remedy(errno: CInt, words: String) {
        let text = StateError.unwritable(path: "/state/x", Errno(errno)).description
        #expect(text.hasPrefix("/state/x cannot be written (\(Errno(errno))); ") && text.contains(words), "\(text)")
    }

    @Test("without a place to keep it there is no identity")
    func unwritable() throws {
        let error = try #require(
            thrown(StateError.self) {
                try DeviceIdentity.loadOrCreate(in: ScratchFolder.unwritable)
            })
        guard case .unwritable = error else {
            Issue.record("\(error)")
            return
        }
        let folder = try ScratchFolder()
        try folder.put("", into: "file")
        #expect(throws: StateError.unreadable(path: folder.file("file/identity.json"), Errno(ENOTDIR))) {
            try DeviceIdentity.loadOrCreate(in: folder.file("file"))
        }
    }

    @Test("once removed, the next one is another")
    func removed() throws {
        let folder = try ScratchFolder()
        let first = try DeviceIdentity.loadOrCreate(in: folder.path)
        try DeviceIdentity.remove(from: folder.path)
        #expect(folder.names.isEmpty)
        try DeviceIdentity.remove(from: folder.path)
        #expect(try DeviceIdentity.loadOrCreate(in: folder.path).deviceID != first.deviceID)
    }
}
