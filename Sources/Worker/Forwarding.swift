import LinuxIO
import NodeCore

extension Reply {
    /// What a worker has answered.
    init(_ reply: WorkerMessage.Reply, text: [UInt8]?, blob: MemoryFile?) {
        switch reply.outcome {
        case .success:
            self.init(outcome: .success(text ?? Array("{}".utf8)))
            if let blob, let field = reply.blobField { self.blob = Blob(file: blob, field: field) }
        case .refusal(let code, let message):
            self.init(outcome: .failure(Refusal(Refusal.Code(rawValue: code), message)))
        }
    }
}

extension Handler {
    /// A command that a worker performs.
    package init(forwarding name: CommandName, to host: WorkerHost) {
        self.init(name: name) { invocation, context in await host.perform(invocation, context) }
    }
}
