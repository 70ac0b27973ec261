import LinuxIO
import NodeCore
import WebSocket

/// Where the reply to one invocation of a GoClaw gateway goes. What is too large for a frame is put where the gateway keeps
/// media, and the reply says where (goclaw-gateway §5.6, P5).
struct GoClawSink: ReplySink {
    /// What there is where the gateway is GoClaw's, and not one of the others that has asked in its way.
    struct Gateway: Sendable {
        /// Nil where nothing can be put anywhere.
        let upload: MediaUpload?
        let crossing: GoClawCrossing
        /// Fires when the node stops: there is no next connection then.
        let stopping: OneShot
    }

    /// On which it was asked for.
    let way: GoClawWay
    let invocation: PushedInvocation
    /// What a message to this gateway may have.
    let messageLimit: Int
    let gateway: Gateway?
    let retriesUnbegun = false
    let timekeeper: any Timekeeper
    let began: ContinuousClock.Instant
    let log: Log

    /// From when it was asked for: so long the gateways wait, and with them whatever was made for the answer (§7.4).
    private static let patience = Duration.seconds(120)
    /// What connections die of is not sent for ever.
    private static let mostWays = 3

    var closed: OneShot { way.closed }

    var repeatsAnswers: Bool { gateway != nil }

    /// A response belongs to its connection.
    var outlivesConnection: Bool {
        if case .response = invocation.form { return false }
        return gateway != nil
    }

    /// Of what can be put elsewhere, the gateways take 50 MB.
    var payloadLimit: Int {
        // A picture that is asked for in a frame is better made smaller than put elsewhere.
        invocation.form == .compute && gateway?.upload != nil ? 16 << 20 : max(0, limit - 1024)
    }

    private var limit: Int { GoClawReply.limit(of: invocation.form, message: messageLimit) }

    func send(_ reply: Reply, to invokeID: String) async -> Delivery {
        var way = way
        var fitting: (reply: Reply, frame: GoClawReply)?
        for _ in 0..<Self.mostWays {
            if !way.closed.hasFired {
                let (told, frame) = if let fitting { fitting } else { await self.fitting(reply) }
                fitting = (told, frame)
                // The session's reader meets the same end and says why.
                if (try? await way.transport.send(frame.message)) != nil {
                    return Delivery(bytes: frame.size, reply: told)
                }
                // With the connection, the place may have been gone where it was to be put.
                if case .failure = told.outcome { fitting = nil }
            }
            guard outlivesConnection, let next = await next(after: way) else { break }
            way = next
        }
        return Delivery(reply: fitting?.reply ?? reply)
    }

    /// Nil when none comes in time, or at all.
    private func next(after gone: GoClawWay) async -> GoClawWay? {
        guard let gateway else { return nil }
        return await withTaskGroup(of: GoClawWay?.self) { group in
            // Each throws when it is cancelled only, and that is the end of the wait as well.
            group.addTask { try? await gateway.crossing.way(for: invocation.form, after: gone) }
            group.addTask {
                try? await timekeeper.sleep(until: began + Self.patience)
                return nil
            }
            group.addTask {
                try? await gateway.stopping.fired()
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }

    /// As long as the gateway waits, and some seconds in any case: the answer is there by then.
    private var uploadTime: Duration {
        let wait = max(Self.patience, .milliseconds(invocation.request.timeoutMs ?? 0))
        return max(.seconds(15), timekeeper.now.duration(to: began + wait))
    }

    private func fitting(_ reply: Reply) async -> (Reply, GoClawReply) {
        let milliseconds = Int(began.duration(to: timekeeper.now) / .milliseconds(1))
        let frame = GoClawReply(reply, to: invocation, milliseconds: milliseconds)
        guard frame.size > limit, case .success(let json) = reply.outcome else { return (reply, frame) }
        let refusal: Refusal
        do throws(MediaUpload.Failure) {
            guard let upload = gateway?.upload, let blob = reply.blob else {
                throw MediaUpload.Failure("nothing of it can be put elsewhere")
            }
            let reference = Reply(outcome: .success(try await upload.put(blob, of: json, within: uploadTime)))
            let smaller = GoClawReply(reference, to: invocation, milliseconds: milliseconds)
            if smaller.size <= limit { return (reference, smaller) }
            refusal = .tooLarge(smaller.size, limit: limit, hint: "ask for less")
        } catch {
            log.warning("A reply was too large", ["command": invocation.request.command, "reason": error.reason])
            refusal = .tooLarge(
                frame.size, limit: limit, hint: "ask for less, e.g. a smaller maxWidth; " + error.reason)
        }
        return (.refused(refusal), GoClawReply(.refused(refusal), to: invocation, milliseconds: milliseconds))
    }
}
