import NodeTesting
import Testing

@testable import Gateway

@Suite struct GatewayRecordTests {
    private static let pin = String(repeating: "ab", count: 32)
    private static let record = GatewayRecord(
        url: "wss://gateway.example:18789", tlsFingerprints: [pin], caFile: "/etc/ca.pem", token: "secret")

    @Test("what is saved is what is loaded, for its owner alone")
    func reload() throws {
        let folder = try ScratchFolder()
        #expect(try GatewayRecord.load(from: folder.path) == nil)
        let state = folder.file("state")
        #expect(try GatewayRecord.load(from: state) == nil)
        try Self.record.save(in: state)
        #expect(try GatewayRecord.load(from: state) == Self.record)
        #expect(try ScratchFolder.mode(of: state) == 0o700)
        #expect(try ScratchFolder.mode(of: state + "/gateway.json") == 0o600)
    }

    @Test("whatever join writes is news to a daemon, and that a token was used up is none") func news() {
        var used = Self.record
        used.bootstrapToken = "once"
        #expect(used.isJoined(after: nil) && used.isJoined(after: Self.record))
        #expect(!Self.record.isJoined(after: used) && !used.isJoined(after: used))
        var again = Self.record
        again.joinedAtMs = 1
        #expect(again.isJoined(after: Self.record) && again.isJoined(after: used))
        var pinned = Self.record
        pinned.tlsFingerprints = nil
        #expect(pinned.isJoined(after: Self.record))
    }

    @Test("a new one takes the place of the old")
    func replaced() throws {
        let folder = try ScratchFolder()
        try Self.record.save(in: folder.path)
        let other = GatewayRecord(url: "ws://127.0.0.1:18789")
        try other.save(in: folder.path)
        #expect(try GatewayRecord.load(from: folder.path) == other)
        #expect(folder.names == ["gateway.json", "gateway.lock"])
        try GatewayRecord.remove(from: folder.path)
        try GatewayRecord.remove(from: folder.path)
        #expect(try GatewayRecord.load(from: folder.path) == nil)
    }

    @Test("a damaged file is an error, and stays as it is", arguments: Damage.all)
    func damaged(_ damage: Damage) throws {
        let folder = try ScratchFolder()
        try Self.record.save(in: folder.path)
        let damaged = damage.apply(try folder.text(of: "gateway.json"))
        try folder.put(damaged, into: "gateway.json")
        let error = try #require(
            thrown(StateError.self) { try GatewayRecord.load(from: folder.path) })
        guard case .malformed(folder.file("gateway.json"), _) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(try folder.text(of: "gateway.json") == damaged)
    }

    @Test(
        "an address or a pin that cannot be meant is damage: a pin is never lost on the way",
        arguments: [
            GatewayRecord(url: "gateway.example"), GatewayRecord(url: "ws://8.8.8.8"),
            GatewayRecord(url: "wss://h", tlsFingerprints: ["ab:cd"]),
            GatewayRecord(url: "wss://h", tlsFingerprints: [pin, ""]),
            GatewayRecord(url: "ws://127.0.0.1", tlsFingerprints: [pin]),
        ])
    func nonsense(_ record: GatewayRecord) throws {
        let folder = try ScratchFolder()
        try record.save(in: folder.path)
        #expect(throws: StateError.self) { try GatewayRecord.load(from: folder.path) }
    }

    @Test("no place to write is an error")
    func unwritable() throws {
        let error = try #require(
            thrown(StateError.self) { try Self.record.save(in: ScratchFolder.unwritable) })
        guard case .unwritable = error else {
            Issue.record("\(error)")
            return
        }
    }
}
