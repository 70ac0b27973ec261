import NodeCore
import PracticeGateway
import WebSocket

@testable import Gateway

/// What a GoClaw gateway says, a message a line: to who reads tolerantly, to the way in, and to who performs commands. What we
/// say to that is read by another reader of JSON.
enum GoClawFrames {
    private static let commands = ["camera.snap", "device.info"]
    private static let wallMs = 1_767_225_600_000

    @Sendable static func check(_ input: [UInt8]) throws {
        let messages = input.split(separator: UInt8(ascii: "\n")).map { Array($0) }
        var wayIn = WayIn()
        for message in messages {
            let frame: TolerantFrame
            do throws(JSONFailure) { frame = try TolerantFrame(message) } catch {
                expect(!error.description.isEmpty, "a fault has words")
                continue
            }
            if let plain = frame.asOpenClaw { _ = try JSONReader.read(plain) }
            if case .response(let response) = frame { wayIn.take(response) }
            if let invocation = PushedInvocation(frame, commands: commands) { try check(invocation) }
        }
    }

    private static func check(_ invocation: PushedInvocation) throws {
        guard let request = invocation.bounded else { return }
        expect(request.timeoutMs.map { (0...86_400_000).contains($0) } ?? true, "a budget is at most a day")
        expect((1...512).contains(request.id.utf8.count), "an id can be answered")
        for reply in [
            Reply(outcome: .success(Array(#"{"a":"\"b\""}"#.utf8))),
            .refused(.unknownCommand(CommandName(request.command))),
        ] {
            let answer = GoClawReply(reply, to: invocation, milliseconds: 1)
            guard case .text(let text) = answer.message else {
                return expect(false, "a reply without a blob is a text")
            }
            expect(answer.size == text.count, "the size is the one that was told")
            let frame = try JSONReader.read(text)
            switch invocation.form {
            case .response: expect(frame["type"]?.string == "res", "a request is answered by a response")
            case .result, .compute, .compat:
                let params = frame["params"]
                let id = params?["id"]?.string ?? params?["invokeId"]?.string
                expect(id.map { $0.utf8.elementsEqual(request.id.utf8) } ?? false, "a reply has its asker's id")
            }
        }
    }

    /// Takes each response for the one that is waited for.
    private struct WayIn {
        private let start = ContinuousClock.now
        private var procedure: PairingProcedure
        private var elapsed = Duration.zero
        private var requests: [Duration] = []
        private var isOver = false

        init() {
            procedure = PairingProcedure(GoClawMemory(), token: "t", requestedAt: nil, now: .now)
        }

        mutating func take(_ response: TolerantFrame.Response) {
            if isOver { return }
            let result: CallTable.Outcome = response.fault.map { .failure($0) } ?? .success(response.payload)
            var step = procedure.next(
                now: start + elapsed, wallMs: GoClawFrames.wallMs + Int(elapsed / .milliseconds(1)))
            while case .wait(let deadline) = step {
                let wait = (start + elapsed).duration(to: deadline)
                expect(wait > .zero && wait <= .seconds(1_200), "a wait ends: \(wait)")
                elapsed += wait
                step = procedure.next(
                    now: start + elapsed, wallMs: GoClawFrames.wallMs + Int(elapsed / .milliseconds(1)))
            }
            let now = start + elapsed
            let wallMs = GoClawFrames.wallMs + Int(elapsed / .milliseconds(1))
            switch step {
            case .connect(let credential):
                if credential == .nothing {
                    if let last = requests.last {
                        expect(elapsed - last >= .seconds(1_200), "a place is asked for rarely")
                    }
                    requests.append(elapsed)
                }
                let verdict = procedure.answered(GoClawAnswer(result), now: now, wallMs: wallMs, jitter: 0.5)
                isOver = verdict != .goOn
            case .status:
                procedure.told(result.map { $0?["status"]?.string ?? "" }, now: now, wallMs: wallMs, jitter: 0.5)
            case .wait: break
            }
            if let sender = procedure.memory.request?.senderId {
                expect(SenderID.isProper(sender), "a sender can be asked for")
            }
        }
    }
}
