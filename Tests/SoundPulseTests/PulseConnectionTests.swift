import Glibc
import LinuxIO
import NodeMedia
import NodeTesting
import Testing

@testable import SoundPulse

/// With somebody who listens where a sound server would.
@Suite("Pulse connection", .timeLimit(.minutes(5)))
struct PulseConnectionTests {
    /// What is heard of one who says `bytes` to whoever comes, and hangs up; or says it ten times a second as long as anybody listens.
    private func heard(_ bytes: [UInt8], again: Bool = false) async throws -> SoundError? {
        let folder = try ScratchFolder()
        let path = folder.file("native")
        let listener = FileDescriptor(adopting: try call { socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0) })
        let raw = listener.raw
        try withUnixAddress(path) { address, length throws(Errno) in
            try call { bind(raw, address, length) }
            try call { listen(raw, 1) }
        }
        return try await onEventLoop { loop in
            async let said: Void = onOwnThread("listener") {
                let peer = FileDescriptor(adopting: accept(raw, nil, nil))
                // Who does not listen to the end has heard enough.
                try? bytes.withUnsafeBytes { try peer.writeAll($0) }
                while again, send(peer.raw, bytes, bytes.count, CInt(MSG_NOSIGNAL)) > 0 { usleep(100_000) }
                shutdown(peer.raw, CInt(SHUT_WR))
                var rest = [UInt8](repeating: 0, count: 4096)
                while (try? rest.withUnsafeMutableBytes { try peer.read(into: $0) }) ?? 0 > 0 {}
            }
            var error: SoundError?
            do throws(SoundError) {
                _ = try await PulseDriver(variables: ["PULSE_SERVER": "unix:" + path], on: loop).devices()
            } catch let failure { error = failure }
            await said
            return error
        }
    }

    private func frame(_ body: [UInt8], stream: UInt32 = PulseCommand.none) -> [UInt8] {
        var header = PulseWriter()
        for word in [UInt32(body.count), stream, 0, 0, 0] { header.addBare(word) }
        return header.bytes + body
    }

    private func message(_ words: UInt32...) -> [UInt8] {
        var body = PulseWriter()
        for word in words { body.add(word) }
        return frame(body.bytes)
    }

    @Test("who speaks another language, or is too long, is told apart from one that is not there") func noise()
        async throws
    {
        for bytes in [
            Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8), [UInt8](repeating: 0xFF, count: 64), frame([1, 2, 3]),
            message(PulseCommand.reply.rawValue, 1) + message(PulseCommand.reply.rawValue, 2)
                + message(PulseCommand.reply.rawValue, 3) + message(PulseCommand.reply.rawValue, 4)
                + message(PulseCommand.reply.rawValue, 5),
        ] {
            guard case .failed(_, let reason)? = try await heard(bytes) else {
                Issue.record("\(bytes.prefix(20)) was understood")
                continue
            }
            #expect(reason.contains("does not speak PulseAudio's protocol"))
        }
    }

    @Test("a server that refuses us is a right that is missing, and one that hangs up is gone") func refused()
        async throws
    {
        let refusal = try await heard(message(PulseCommand.error.rawValue, 1, PulseRefusal.access.rawValue))
        guard case .permission(_, let remedy)? = refusal else {
            Issue.record("\(String(describing: refusal))")
            return
        }
        #expect(remedy.contains("run the node as that user"))
        for bytes in [[], [0, 0], message(PulseCommand.reply.rawValue, 1)] {
            guard case .gone? = try await heard(bytes) else {
                Issue.record("\(bytes) was more than it is")
                continue
            }
        }
    }

    @Test("a server that always says something, and never what it was asked, is not listened to for ever")
    func talkative()
        async throws
    {
        let error = try await heard(message(PulseCommand.recordStreamKilled.rawValue, 7), again: true)
        guard case .failed(_, let reason)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(reason.contains("has not answered"))
    }
}
