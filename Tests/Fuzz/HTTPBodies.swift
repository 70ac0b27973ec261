@testable import WebSocket

/// HTTP answers with their bodies, by length, in chunks or to the end. The input's last byte says where the rest is cut.
enum HTTPBodies {
    private static let limit = 1_000

    @Sendable static func check(_ input: [UInt8]) throws {
        let wire = Array(input.dropLast())
        var cuts = Cuts(input.suffix(1))
        let whole = Collected(wire) { wire.count }
        expect(Collected(wire) { 1 } == whole, "byte by byte it is the same")
        expect(Collected(wire) { cuts.next() } == whole, "in pieces it is the same")
        expect(whole.body?.count ?? 0 <= limit, "no body is longer than it may be")
        if let body = whole.body, let length = whole.length {
            expect(body.count == length, "a body is as long as announced")
            expect(whole.after.starts(with: body), "and what was sent")
        }
    }

    private struct Collected: Equatable {
        /// Nil: there is none, or not all of it.
        var body: [UInt8]?
        var length: Int?
        var after: [UInt8] = []
        var error: WebSocketError?

        init(_ wire: [UInt8], cut: () -> Int) {
            var collector = HTTPHeadCollector()
            do throws(WebSocketError) {
                // What a head is, the target for upgrades knows.
                guard let head = try collector.take(wire) else { return }
                let response = try UpgradeResponse(head)
                after = collector.takeRest()
                var bytes = try HTTPBodyCollector(of: head, status: response.status, limit: limit)
                var left = after[...]
                while !left.isEmpty {
                    let piece = left.prefix(cut())
                    left = left.dropFirst(piece.count)
                    try bytes.take(Array(piece))
                }
                try bytes.end()
                expect(bytes.isWhole, "at its end a body is whole")
                body = bytes.bytes
                let isBodyless = response.status == 204 || response.status == 304
                if head.value(of: "Transfer-Encoding") == nil, !isBodyless { length = response.contentLength }
            } catch { self.error = error }
        }
    }
}
