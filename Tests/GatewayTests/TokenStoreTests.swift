import Glibc
import LinuxIO
import NodeTesting
import Testing

@testable import Gateway

@Suite struct TokenStoreTests {
    typealias Memory = TokenStore.Memory

    private static let memory = Memory(
        deviceId: Samples.deviceID, tokens: ["node": Memory.Token(token: "t-7f3a", role: "node", scopes: ["s"])],
        signature: .v2, deviceTokenSlot: .token, servedClaims: "camera|camera.snap|")

    private static func other() throws -> GatewayEndpoint { try GatewayEndpoint("wss://other.example") }

    @Test("what is remembered holds at once, and is there after a restart once it is saved")
    func reload() throws {
        let folder = try ScratchFolder()
        let store = try TokenStore(directory: folder.path)
        #expect(store.isSaved)
        store.remember(Self.memory, of: Samples.gateway)
        #expect(!store.isSaved)
        #expect(store.memory(of: Samples.gateway, deviceID: Samples.deviceID) == Self.memory)
        #expect(folder.names.isEmpty)
        try store.save()
        #expect(store.isSaved)
        #expect(try ScratchFolder.mode(of: folder.file("tokens.json")) == 0o600)

        let again = try TokenStore(directory: folder.path)
        #expect(again.isSaved)
        #expect(again.memory(of: Samples.gateway, deviceID: Samples.deviceID) == Self.memory)
    }

    @Test("each gateway has its own memory, and none for another identity")
    func separate() throws {
        let folder = try ScratchFolder()
        let store = try TokenStore(directory: folder.path)
        store.remember(Self.memory, of: Samples.gateway)
        #expect(store.memory(of: try Self.other(), deviceID: Samples.deviceID) == Memory(deviceId: Samples.deviceID))
        #expect(store.memory(of: Samples.gateway, deviceID: "another") == Memory(deviceId: "another"))
        #expect(
            store.memory(of: try GatewayEndpoint("ws://127.0.0.1:18789/x"), deviceID: Samples.deviceID).tokens.isEmpty)
    }

    @Test("nothing new is nothing to save")
    func unchanged() throws {
        let folder = try ScratchFolder()
        let store = try TokenStore(directory: folder.path)
        try store.save()
        #expect(folder.names.isEmpty)
        store.remember(Self.memory, of: Samples.gateway)
        try store.save()
        store.remember(Self.memory, of: Samples.gateway)
        #expect(store.isSaved)
    }

    @Test("what cannot be saved stays to be saved, and holds meanwhile")
    func failure() throws {
        let folder = try ScratchFolder()
        let later = folder.file("later")
        let store = try TokenStore(directory: later)
        store.remember(Self.memory, of: Samples.gateway)
        for _ in 0..<2 {
            #expect(throws: StateError.unwritable(path: later + "/tokens.json", Errno(ENOENT))) { try store.save() }
            #expect(!store.isSaved)
        }
        #expect(store.memory(of: Samples.gateway, deviceID: Samples.deviceID) == Self.memory)
        try StateFile.makeDirectory(later)
        try store.save()
        #expect(try TokenStore(directory: later).memory(of: Samples.gateway, deviceID: Samples.deviceID) == Self.memory)
    }

    @Test("a failed save leaves the old file as it was")
    func oldFile() throws {
        let folder = try ScratchFolder()
        let store = try TokenStore(directory: folder.path)
        store.remember(Self.memory, of: Samples.gateway)
        try store.save()
        let text = try folder.text(of: "tokens.json")
        // The draft's name is taken by something that cannot be written.
        try call { mkdir(folder.file("tokens.json.new"), 0o700) }
        store.remember(Self.memory, of: try Self.other())
        #expect(throws: StateError.unwritable(path: folder.file("tokens.json"), Errno(EISDIR))) { try store.save() }
        #expect(try folder.text(of: "tokens.json") == text)
    }

    @Test("a damaged file is an error, and stays as it is", arguments: Damage.all)
    func damaged(_ damage: Damage) throws {
        let folder = try ScratchFolder()
        let store = try TokenStore(directory: folder.path)
        store.remember(Self.memory, of: Samples.gateway)
        try store.save()
        let damaged = damage.apply(try folder.text(of: "tokens.json"))
        try folder.put(damaged, into: "tokens.json")
        let error = try #require(
            thrown(StateError.self) { try TokenStore(directory: folder.path) })
        guard case .malformed(folder.file("tokens.json"), _) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(try folder.text(of: "tokens.json") == damaged)
        #expect(!error.description.contains("t-7f3a"))
    }

    @Test("a file too large to be ours is not read")
    func large() throws {
        let folder = try ScratchFolder()
        try folder.put(String(repeating: " ", count: 2 << 20), into: "tokens.json")
        #expect(throws: StateError.unreadable(path: folder.file("tokens.json"), Errno(EFBIG))) {
            try TokenStore(directory: folder.path)
        }
    }

    @Test("once removed, nothing is remembered")
    func removed() throws {
        let folder = try ScratchFolder()
        let store = try TokenStore(directory: folder.path)
        store.remember(Self.memory, of: Samples.gateway)
        try store.save()
        try TokenStore.remove(from: folder.path)
        try TokenStore.remove(from: folder.path)
        let again = try TokenStore(directory: folder.path)
        #expect(again.memory(of: Samples.gateway, deviceID: Samples.deviceID).tokens.isEmpty)
    }
}
