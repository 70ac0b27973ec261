import LinuxIO
import NodeCore
import NodeCrypto
import PracticeGateway
import WebSocket

@testable import Gateway
@testable import NodeCamera

/// What a gateway says, a message a line: to a handshake, and to a session. What we say to that is read by another reader
/// of JSON.
enum GatewayFrames {
    private static let identity: DeviceIdentity = {
        do { return DeviceIdentity(key: try SigningKey(seed: Array(0..<32)), instanceID: "5f0c7a4e") } catch {
            preconditionFailure("a seed of 32 bytes: \(error)")
        }
    }()
    private static let profile = NodeProfile(
        displayName: "fuzz", version: "0", caps: ["camera"], commands: ["camera.snap"],
        permissions: ["camera.capture": true])
    private static let attempt = Reaction.Attempt(credential: .shared(token: "secret"), signature: .v3)
    /// Of the recorded connection, so that its hello is an answer to ours.
    private static let requestID = "eca5daef-c13a-4900-85bb-4fc5f29d5489"

    @Sendable static func check(_ input: [UInt8]) throws {
        let messages = input.split(separator: UInt8(ascii: "\n")).map { Array($0) }
        try checkHandshake(messages)
        for message in messages { try checkFrame(message) }
    }

    private static func checkHandshake(_ messages: [[UInt8]]) throws {
        var handshake = Handshake(
            profile: profile, identity: identity, attempt: attempt, requestID: requestID, wallClockMs: { 1 })
        for message in messages {
            let step: Handshake.Step
            do { step = try handshake.receive(message) } catch is Handshake.Fault { return }
            switch step {
            case .wait: break
            case .send(let frame):
                let sent = try JSONReader.read(frame)
                guard case .challenge(let nonce?, _)? = IncomingFrame(tolerating: message) else {
                    return expect(false, "only a challenge is answered")
                }
                expect(sent["params"]?["device"]?["nonce"]?.string == nonce, "the nonce goes back as it came")
            case .welcome(let hello): return checkHello(hello)
            case .refused(let refusal): return checkRefusal(refusal)
            case .goclaw, .foreign: return
            }
        }
    }

    private static func checkHello(_ hello: Hello) {
        expect(hello.maxPayload > 0 && hello.tickInterval > .zero, "limits can be worked with")
        expect((0...24 << 20).contains(ResultFrame.payloadLimit(maxPayload: hello.maxPayload)), "a reply has a limit")
        let now = ContinuousClock.now
        let watchdog = TickWatchdog(interval: hello.tickInterval, now: now)
        expect(watchdog.nextLook(at: now).map { $0 > now } ?? false, "a gateway that just spoke is not silent")
    }

    private static func checkRefusal(_ refusal: GatewayRefusal) {
        if case .retryAfter(let milliseconds) = Reaction(to: refusal, of: attempt) {
            expect((100...2_000).contains(milliseconds), "a gateway is asked again soon, but not at once")
        }
        if let id = refusal.approvalRequestID {
            let isWord = id.utf8.allSatisfy { $0 > 0x20 && !"\"'\\`$;&|<>()".utf8.contains($0) }
            expect(isWord, "a shell takes it as a word")
        }
    }

    private static func checkFrame(_ message: [UInt8]) throws {
        let frame: IncomingFrame
        do throws(JSONFailure) { frame = try IncomingFrame(message) } catch {
            return expect(!error.description.isEmpty, "a fault has words")
        }
        switch frame {
        case .invoke(let request): try checkInvoke(request)
        case .response(let response):
            if let refusal = response.refusal { checkRefusal(refusal) }
        case .challenge, .cancel, .input, .shutdown, .otherEvent: break
        }
    }

    private static func checkInvoke(_ request: IncomingFrame.InvokeRequest) throws {
        expect(request.timeoutMs.map { (0...86_400_000).contains($0) } ?? true, "a budget is at most a day")
        expect(request.command.first?.isWhitespace != true, "a command's name begins with no blank")
        expect(request.command.last?.isWhitespace != true, "a command's name ends with no blank")

        let params = request.params ?? Array("{}".utf8)
        try checkResult(.refused(.unknownCommand(CommandName(request.command))), request)
        try checkResult(Reply(outcome: .success(params)), request)
        let snap: CameraSnapParams
        do throws(JSONFailure) { snap = try JSON.decode(CameraSnapParams.self, from: params) } catch { return }
        expect((1...65_535).contains(snap.picture.maxWidth), "a picture has a width")
        expect((0.05...1).contains(snap.picture.quality), "a picture has a quality")
        expect(snap.delay.map { (.zero ... .seconds(10)).contains($0) } ?? true, "a delay is at most ten seconds")
    }

    /// Every reply reaches the one who asked, whatever the asker's id and the reply look like.
    private static func checkResult(_ reply: Reply, _ request: IncomingFrame.InvokeRequest) throws {
        let frame = ResultFrame(reply, to: request.id, nodeID: identity.deviceID, maxPayload: 1 << 20)
        guard case .text(let text) = frame.message else { return expect(false, "a reply without a blob is a text") }
        expect(frame.size == text.count, "the size is the one that was told")
        // Bytes that are no UTF-8 can stand in no JSON; a command's reply is made by an encoder and has none.
        guard String(validating: text, as: UTF8.self) != nil else { return }
        let params = try JSONReader.read(text)["params"]
        let id = params?["id"]?.string
        expect(id.map { $0.utf8.elementsEqual(request.id.utf8) } ?? false, "a reply has its asker's id")
        switch reply.outcome {
        case .success(let json):
            let said = params?["payloadJSON"]?.string
            expect(said.map { $0.utf8.elementsEqual(json) } ?? false, "a reply arrives as it is")
        case .failure(let refusal):
            expect(params?["error"]?["code"]?.string == refusal.code.rawValue, "a refusal has its code")
        }
    }
}
