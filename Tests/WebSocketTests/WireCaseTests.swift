import Glibc
import LinuxIO
import NodeTesting
import Testing

@testable import WebSocket

/// The whole table against the decoder, and some of every category against connections, in both roles.
@Suite struct WireCaseTests {
    static let roles = [WebSocketRole.client, .server]

    @Test("the table has cases of every category, in both roles, of either outcome and none twice")
    func table() {
        for role in Self.roles {
            let cases = WireCase.all.filter { $0.role == role }
            let categories = Set(cases.map { String($0.category.prefix { $0 != "." }) })
            let expected = ["1", "2", "3", "4", "5", "6", "7", "9 limits", "9", "10", "12", "masking", "lengths"]
            #expect(categories == Set(expected))
            #expect(cases.filter { $0.refusal == nil }.count > 2_500)
            #expect(cases.filter { $0.refusal != nil }.count > 3_500)
        }
        #expect(Dictionary(grouping: WireCase.all, by: \.description).filter { $1.count > 1 }.isEmpty)
    }

    @Test(
        "whole, byte by byte and in odd pieces, the decoder does what is expected at the byte where it is",
        arguments: roles)
    func decoder(_ role: WebSocketRole) {
        var wrong: [String] = []
        for wire in WireCase.all where wire.role == role {
            for sizes in wire.chunkings {
                let (events, violation, after) = decode(wire, in: sizes)
                if events != wire.events || violation?.code != wire.refusal?.code {
                    wrong.append(
                        "\(wire), in \(sizes): \(events.count) events, \(violation?.description ?? "accepted")")
                } else if sizes == [1], after != wire.refusal?.after {
                    wrong.append("\(wire): refused after \(after ?? -1) of \(wire.bytes.count) bytes")
                }
            }
        }
        #expect(wrong.isEmpty, "\(wrong.count) are wrong: \(wrong.prefix(20).joined(separator: "\n"))")
    }

    private func decode(
        _ wire: WireCase, in sizes: [Int]
    ) -> (events: [FrameDecoder.Event], violation: Violation?, after: Int?) {
        var decoder = FrameDecoder(role: wire.role, maxMessage: wire.limit)
        var (events, violation, after): ([FrameDecoder.Event], Violation?, Int?) = ([], nil, nil)
        var fed = 0
        for chunk in chunks(of: wire.bytes, sizes) {
            // Goes on behind the refusal, which has to stand.
            let step = WebSocketTests.decode(Array(chunk), with: &decoder)
            fed += chunk.count
            events += step.events
            if violation == nil, step.violation != nil { (violation, after) = (step.violation, fed) }
            if violation != step.violation { return (events, nil, fed) }
        }
        return (events, violation, after)
    }

    @Test("wsproto agrees with every expectation, except where a case says why not")
    func foreignJudge() async throws {
        let folder = try ScratchFolder()
        let (cases, verdicts) = (folder.file("cases"), folder.file("verdicts"))
        let lines = WireCase.all.map { "\($0.role) \(hexadecimal($0.bytes))\n" }
        try StateFile.write(cases, Array(lines.joined().utf8), durable: false)
        let status = try await onEventLoop { loop in
            try await ChildProcess.spawn(
                "/usr/bin/python3", arguments: [script("wsproto_judge.py"), cases, verdicts], on: loop
            ).wait()
        }
        #expect(status == .exited(0), "is python3-wsproto installed?")
        let text = String(decoding: try StateFile.read(verdicts, limit: 1 << 30), as: UTF8.self)
        let found = text.split(separator: "\n", omittingEmptySubsequences: false)
        try #require(found.count == WireCase.all.count + 1)
        let wrong = zip(WireCase.all, found).filter { !$0.isJudged(by: Verdict($1)) }
        let all = wrong.prefix(20).map { "\($0): \($1.prefix(200))" }.joined(separator: "\n")
        #expect(wrong.isEmpty, "\(wrong.count) are judged otherwise:\n\(all)")
    }

    @Test("connections deliver, answer and close as expected, over a real socket", arguments: roles)
    func connection(_ role: WebSocketRole) async throws {
        for wire in WireCase.sample where wire.role == role {
            // Two splits of the many are enough here.
            for sizes in wire.chunkings.prefix(wire.bytes.count <= 300 ? 5 : 1) {
                try await play(wire, wire.bytes, in: sizes)
            }
            // The bytes that decide are enough: the close frame does not wait for more.
            if let refusal = wire.refusal {
                try await play(wire, Array(wire.bytes.prefix(refusal.after)), in: [refusal.after])
            }
        }
    }

    /// Says `bytes` to a connection of ours, and a close frame behind what leaves it open.
    private func play(_ wire: WireCase, _ bytes: [UInt8], in sizes: [Int]) async throws {
        try await RawPeer.run(facing: wire.role, maxMessage: wire.limit) { peer, connection, loop in
            // An answer that never comes fails its own case, by name.
            async let _: Void = abort(connection, of: wire, on: loop)
            async let received = receiveAll(connection)
            // Behind a refusal all at once: the end is not waited for long.
            let judged = wire.refusal?.after ?? bytes.count
            for chunk in chunks(of: Array(bytes.prefix(judged)), sizes) + [bytes.dropFirst(judged)] {
                do { try await peer.write(Array(chunk)) } catch let error as Errno {
                    // Who has closed, and has been answered, may find nobody for what it says behind that.
                    try #require(error == Errno(EPIPE) && wire.refusal == nil && wire.isEnd, "\(wire), in \(sizes)")
                    break
                }
                await WebSocketConnectionTests.letOthersRun()
            }
            var answers = wire.answers
            if !wire.isEnd {
                try await peer.write(frame(0x88, [0x0B, 0xB8], to: wire.role))
                answers.append(.close(CloseCode(rawValue: 3000)))
            }
            let frames = try await peer.readFrames { header, _ in header.opcode == .close }
            let end = try await peer.readToTheEnd()
            peer.socket.close()
            let (messages, error) = await received

            #expect(frames.compactMap(WireCase.Answer.init) == answers, "\(wire), in \(sizes)")
            #expect(end.bytes.isEmpty && !end.wasReset, "\(wire), in \(sizes)")
            #expect(messages == wire.messages, "\(wire), in \(sizes)")
            if let refusal = wire.refusal {
                guard case .violation(refusal.code, _)? = error else {
                    Issue.record("\(wire), in \(sizes): \(String(describing: error))")
                    return
                }
            } else {
                #expect(error == nil, "\(wire), in \(sizes)")
            }
        }
    }
}

extension WireCase {
    /// Sizes of pieces, repeated to the end.
    var chunkings: [[Int]] {
        let whole = [max(bytes.count, 1)]
        if bytes.count > 3_000 { return [whole, [997], [1, 60_000, 3, 5_000]] }
        let splits = bytes.count > 40 ? [] : (1..<max(bytes.count, 1)).map { [$0, bytes.count] }
        return [whole, [1], [3, 5, 1, 7, 2, 11]] + splits
    }

    var messages: [WebSocketMessage] {
        events.compactMap { event in
            if case .message(let message) = event { message } else { nil }
        }
    }

    /// Whether the connection is over behind it.
    var isEnd: Bool {
        if case .close = events.last { return true }
        return refusal != nil
    }
}

extension WireCase.Answer {
    init?(_ frame: (header: FrameHeader, payload: [UInt8])) {
        switch frame.header.opcode {
        case .pong: self = .pong(frame.payload)
        case .close where frame.payload.isEmpty: self = .close(.noStatus)
        case .close: self = .close(CloseCode(rawValue: UInt16(frame.payload[0]) << 8 | UInt16(frame.payload[1])))
        default: return nil
        }
    }
}

private func chunks(of bytes: [UInt8], _ sizes: [Int]) -> [ArraySlice<UInt8>] {
    var rest = bytes[...]
    var chunks: [ArraySlice<UInt8>] = []
    while !rest.isEmpty {
        chunks.append(rest.prefix(sizes[chunks.count % sizes.count]))
        rest = rest.dropFirst(chunks[chunks.count - 1].count)
    }
    return chunks
}

private func abort(_ connection: WebSocketConnection, of wire: WireCase, on loop: EventLoop) async {
    // Cancelled when the case is over, as it should be.
    guard (try? await loop.sleep(for: .seconds(30))) != nil else { return }
    Issue.record("\(wire): no close frame within 30 seconds")
    connection.abort()
}

private func receiveAll(_ connection: WebSocketConnection) async -> ([WebSocketMessage], WebSocketError?) {
    var messages: [WebSocketMessage] = []
    do throws(WebSocketError) {
        while let message = try await connection.receive() { messages.append(message) }
        return (messages, nil)
    } catch { return (messages, error) }
}

/// A line of `wsproto_judge.py`.
private struct Verdict {
    var events: [Substring]
    var refusal: WireCase.Refusal?

    init(_ line: Substring) {
        events = line.split(separator: " ")
        guard let last = events.last, last.hasPrefix("refused:") else { return }
        let numbers = last.dropFirst("refused:".count).split(separator: "@").compactMap { Int($0) }
        refusal = WireCase.Refusal(code: CloseCode(rawValue: UInt16(numbers[0])), after: numbers[1])
        events.removeLast()
    }
}

extension WireCase {
    /// Whether wsproto agrees, or differs just as the case says it does.
    fileprivate func isJudged(by verdict: Verdict) -> Bool {
        let isSameUpToHere = verdict.events.prefix(events.count).elementsEqual(events.map(\.verdict)) { $0 == $1 }
        switch difference {
        // What it takes for good may make what follows wrong.
        case .noLimit: return isSameUpToHere && (verdict.refusal?.after ?? .max) > (refusal?.after ?? .max - 1)
        case .laterCode: return verdict.events.isEmpty && verdict.refusal?.code == .protocolError
        case .laterByte, nil: break
        }
        guard isSameUpToHere, verdict.events.count == events.count, verdict.refusal?.code == refusal?.code else {
            return false
        }
        guard let refusal, let found = verdict.refusal, bytes.count <= 3_000 else { return true }
        if difference == .laterByte { return found.after >= refusal.after }
        // Text is refused at the very byte. A header is looked at once its length has come, so up to 9 bytes later.
        let most = category.hasPrefix("6.") ? 0 : 9
        return (refusal.after...refusal.after + most).contains(found.after)
    }
}

extension FrameDecoder.Event {
    /// In the words of `wsproto_judge.py`.
    fileprivate var verdict: String {
        switch self {
        case .message(.text(let bytes)): "text:\(hexadecimal(bytes))"
        case .message(.binary(let bytes)): "binary:\(hexadecimal(bytes))"
        case .ping(let bytes): "ping:\(hexadecimal(bytes))"
        case .pong(let bytes): "pong:\(hexadecimal(bytes))"
        case .close(let frame): "close:\(frame.code):\(hexadecimal(Array(frame.reason.utf8)))"
        }
    }
}

private func hexadecimal(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
}
