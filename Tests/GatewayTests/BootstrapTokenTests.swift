import LinuxIO
import NodeTesting
import Testing

@testable import Gateway

@Suite struct BootstrapTokenTests {
    @Test("it is in the file until it is used up, and nothing else goes with it") func used() throws {
        let folder = try ScratchFolder()
        var record = GatewayRecord(url: "wss://gw.example:1", token: "shared", urls: ["wss://gw2.example:1"])
        #expect(BootstrapToken(record, in: folder.path) == nil)
        record.bootstrapToken = "once"
        try record.save(in: folder.path)
        let token = try #require(BootstrapToken(record, in: folder.path))
        #expect(token.value == "once" && token.isSaved)
        token.useUp()
        #expect(token.value == nil && !token.isSaved)
        #expect(try GatewayRecord.load(from: folder.path)?.bootstrapToken == "once")
        try token.save()
        record.bootstrapToken = nil
        #expect(token.isSaved)
        #expect(try GatewayRecord.load(from: folder.path) == record)
    }

    @Test("one that was joined with meanwhile stays") func other() throws {
        let folder = try ScratchFolder()
        var record = GatewayRecord(url: "wss://gw.example:1")
        record.bootstrapToken = "first"
        let token = try #require(BootstrapToken(record, in: folder.path))
        record.bootstrapToken = "second"
        try record.save(in: folder.path)
        token.useUp()
        try token.save()
        #expect(try GatewayRecord.load(from: folder.path)?.bootstrapToken == "second")
    }

    @Test("of those who write at the same moment neither undoes what the other wrote") func race() async throws {
        let folder = try ScratchFolder()
        for round in 0..<40 {
            var record = GatewayRecord(url: "wss://gw.example:1")
            record.bootstrapToken = "first"
            try record.save(in: folder.path)
            let token = try #require(BootstrapToken(record, in: folder.path))
            token.useUp()
            var joined = record
            joined.bootstrapToken = "second"
            let (path, fresh) = (folder.path, joined)
            async let saved: Void = onOwnThread("save") { try? token.save() } ?? ()
            async let written: Void = onOwnThread("join") { try? fresh.save(in: path) } ?? ()
            _ = await (saved, written)
            #expect(token.isSaved)
            #expect(try GatewayRecord.load(from: path)?.bootstrapToken == "second", "round \(round)")
        }
    }

    @Test("where the gateway was forgotten meanwhile, it stays so") func forgotten() throws {
        let folder = try ScratchFolder()
        var record = GatewayRecord(url: "wss://gw.example:1")
        record.bootstrapToken = "once"
        let token = try #require(BootstrapToken(record, in: folder.path))
        token.useUp()
        try token.save()
        #expect(try GatewayRecord.load(from: folder.path) == nil)
    }
}
