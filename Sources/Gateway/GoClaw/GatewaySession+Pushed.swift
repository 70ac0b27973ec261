import NodeCore

extension GatewaySession {
    /// Takes an invocation that is not written as OpenClaw's gateways write it (goclaw-gateway §5.6, P1); false for anything else.
    /// Requests are none of theirs, and their answers would be refused.
    func takePushed(_ message: [UInt8], beside sink: ResultSink) async -> Bool {
        guard case .event(let name, let payload)? = try? TolerantFrame(message),
            let invocation = PushedInvocation(event: name, payload), let request = invocation.bounded,
            invocation.node.map({ $0 == nodeID }) ?? true
        else { return false }
        wasServed(request.command)
        let pushed = GoClawSink(
            way: GoClawWay(transport: transport, closed: sink.closed), invocation: invocation.answered(as: request),
            messageLimit: sink.maxPayload, gateway: nil, timekeeper: timekeeper, began: timekeeper.now, log: log)
        await table.take(request, from: pushed, isStopping: stopping.hasFired)
        // Cancelled, the session is over, and the next read says so.
        try? await table.hasRoom()
        return true
    }
}
