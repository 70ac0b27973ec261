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
    /// A command that a worker performs, who is told which capabilities are on then. `host` says which one, each time.
    package init(
        forwarding name: CommandName, capabilities: @escaping @Sendable () -> Set<String> = { [] },
        to host: @escaping @Sendable () async -> WorkerHost
    ) {
        self.init(name: name) { invocation, context in
            var invocation = invocation
            invocation.capabilities = capabilities()
            return await host().perform(invocation, context)
        }
    }
}
