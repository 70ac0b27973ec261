import LinuxIO
import NodeCore
import WebSocket

/// Where the reply to one invocation of a GoClaw gateway goes. What is too large for a frame is put where the gateway keeps
/// media, and the reply says where (goclaw-gateway §5.6, P5).
struct GoClawSink: ReplySink {
    let transport: any Transport
    let invocation: PushedInvocation
    /// What a message to this gateway may have.
    let messageLimit: Int
    /// Nil where nothing can be put anywhere.
    let upload: MediaUpload?
    let retriesUnbegun = false
    let closed: OneShot
    let timekeeper: any Timekeeper
    let began: ContinuousClock.Instant
    let log: Log

    /// Of what can be put elsewhere, the gateways take 50 MB.
    var payloadLimit: Int {
        // A picture that is asked for in a frame is better made smaller than put elsewhere.
        invocation.form == .compute && upload != nil ? 16 << 20 : max(0, limit - 1024)
    }

    private var limit: Int { GoClawReply.limit(of: invocation.form, message: messageLimit) }

    func send(_ reply: Reply, to invokeID: String) async -> Int? {
        guard !closed.hasFired else { return nil }
        let frame = await fitting(reply)
        do throws(WebSocketError) {
            try await transport.send(frame.message)
            return frame.size
        } catch {
            // The session's reader meets the same end and says why.
            return nil
        }
    }

    private func fitting(_ reply: Reply) async -> GoClawReply {
        let milliseconds = Int(began.duration(to: timekeeper.now) / .milliseconds(1))
        let frame = GoClawReply(reply, to: invocation, milliseconds: milliseconds)
        guard frame.size > limit, case .success(let json) = reply.outcome else { return frame }
        let refusal: Refusal
        do throws(MediaUpload.Failure) {
            guard let upload, let blob = reply.blob else {
                throw MediaUpload.Failure("nothing of it can be put elsewhere")
            }
            let reference = try await upload.put(blob, of: json)
            let smaller = GoClawReply(
                Reply(outcome: .success(reference)), to: invocation, milliseconds: milliseconds)
            if smaller.size <= limit { return smaller }
            refusal = .tooLarge(smaller.size, limit: limit, hint: "ask for less")
        } catch {
            log.warning("A reply was too large", ["command": invocation.request.command, "reason": error.reason])
            refusal = .tooLarge(
                frame.size, limit: limit, hint: "ask for less, e.g. a smaller maxWidth; " + error.reason)
        }
        return GoClawReply(.refused(refusal), to: invocation, milliseconds: milliseconds)
    }
}
