import NodeTesting
import Testing

@testable import NodeScreen

@Suite(.timeLimit(.minutes(1))) struct SessionLinkTests {
    @Test("who never pauses is given up when it is time") func torrent() async throws {
        try await Torrent.run([UInt8](repeating: 7, count: 12)) { folder, loop in
            let link = try #require(try SessionLink.connect(folder.file("socket"), name: "it", on: loop))
            defer { link.close() }
            let result: Void? = try await link.within(.milliseconds(300)) { () async throws(ScreenError) in
                while true { _ = try await link.take(12) }
            }
            #expect(result == nil)
        }
    }
}
