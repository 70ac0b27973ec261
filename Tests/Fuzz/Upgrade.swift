import NodeCrypto

@testable import WebSocket

/// The HTTP of both sides' handshakes. The input's last byte says where the rest is cut.
enum Upgrade {
    private static let key = "dGhlIHNhbXBsZSBub25jZQ=="

    @Sendable static func check(_ input: [UInt8]) throws {
        let wire = Array(input.dropLast())
        var cuts = Cuts(input.suffix(1))
        let whole = Collected(wire) { wire.count }
        expect(Collected(wire) { 1 } == whole, "byte by byte it is the same")
        expect(Collected(wire) { cuts.next() } == whole, "in pieces it is the same")
        if let head = whole.head {
            checkResponse(head, wire)
            checkRequest(head)
        }
        checkSending(wire)
    }

    private struct Collected: Equatable {
        var head: HTTPHead?
        var rest: [UInt8] = []
        var error: WebSocketError?

        init(_ wire: [UInt8], cut: () -> Int) {
            var collector = HTTPHeadCollector()
            var left = wire[...]
            do throws(WebSocketError) {
                while head == nil, !left.isEmpty {
                    let piece = left.prefix(cut())
                    left = left.dropFirst(piece.count)
                    head = try collector.take(Array(piece))
                }
                rest = collector.takeRest() + left
            } catch { self.error = error }
        }
    }

    // MARK: What a client reads

    private static func checkResponse(_ head: HTTPHead, _ wire: [UInt8]) {
        let response: UpgradeResponse
        do throws(WebSocketError) { response = try UpgradeResponse(head) } catch { return }
        expect((100...599).contains(response.status), "a status has three digits")
        expect(response.contentLength.map { $0 >= 0 } ?? true, "a length is not negative")
        let isAccepted: Bool
        do throws(WebSocketError) {
            try response.check(key: key)
            isAccepted = true
        } catch { isAccepted = false }
        guard isAccepted else { return }
        let accept = UpgradeResponse.accept(for: key)
        expect(response.status == 101, "only 101 is an upgrade")
        expect(String(decoding: wire, as: UTF8.self).contains(accept), "an upgrade holds what belongs to our key")
    }

    // MARK: What a server reads

    private static func checkRequest(_ head: HTTPHead) {
        do throws(UpgradeResponse) {
            let request = try UpgradeRequest(head)
            expect(request.key.utf8.count == 24, "a key is 16 bytes")
            checkAnswer(.accepting(key: request.key), key: request.key)
        } catch {
            expect(error.status >= 400, "a refusal is told as one")
            checkAnswer(error, key: nil)
        }
    }

    /// What a server answers is what a client understands.
    private static func checkAnswer(_ response: UpgradeResponse, key: String?) {
        let bytes = response.bytes
        let collected = Collected(bytes) { bytes.count }
        do {
            guard let head = collected.head else { return expect(false, "an answer is HTTP") }
            let read = try UpgradeResponse(head)
            expect(read.status == response.status, "the status arrives")
            if let key {
                try read.check(key: key)
            } else {
                expect(read.contentLength == collected.rest.count, "the body is as long as announced")
            }
        } catch { expect(false, "an answer is understood: \(error)") }
    }

    // MARK: What a client writes

    /// Whatever is made of a host, a path and a header by `input`'s lines: it is refused, or says just that.
    private static func checkSending(_ input: [UInt8]) {
        let lines = input.split(separator: UInt8(ascii: "\n"), maxSplits: 3, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        guard lines.count == 4 else { return }
        let target = WebSocketTarget(host: lines[0], port: 80, path: lines[1], headers: [(lines[2], lines[3])])
        let (request, bytes): (UpgradeRequest, [UInt8])
        do throws(WebSocketError) {
            request = try UpgradeRequest(for: target)
            bytes = try request.bytes
        } catch { return }
        let collected = Collected(bytes) { bytes.count }
        guard bytes.count <= HTTPHeadCollector.limit else { return }
        guard let head = collected.head else { return expect(false, "a request is HTTP") }
        expect(collected.rest.isEmpty, "nothing follows a request")
        expect(head.fields.count == 6, "no field is smuggled in")
        expect(head.startLine == "GET \(request.path) HTTP/1.1", "the path arrives")
        expect(head.fields.last?.name == lines[2], "the header arrives")
    }
}
