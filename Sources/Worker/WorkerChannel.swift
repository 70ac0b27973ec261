import LinuxIO
import NodeCore

/// Why a message from the other end of a worker channel cannot be used.
enum WorkerChannelError: Error, Equatable, Sendable, CustomStringConvertible {
    case malformed(String)
    case unsealed

    var description: String {
        switch self {
        case .malformed(let problem): "a message cannot be read: \(problem)"
        case .unsealed: "an attachment is not a sealed memory file"
        }
    }
}

/// The socket between the daemon and a worker, with messages instead of packets.
struct WorkerChannel: Sendable {
    struct Received: Sendable {
        let message: WorkerMessage
        let text: [UInt8]?
        let blob: MemoryFile?
    }

    /// What is longer goes beside the header: escaping can grow a text sixfold, and the header keeps to 32 KiB.
    private static let inlineLimit = 4 * 1024
    /// As much as any gateway lets through.
    static let attachedLimit = 64 << 20

    private let socket: MessageSocket
    private let textLimit: Int

    /// `textLimit`: how long a text may be, which is taken into the heap.
    init(_ socket: MessageSocket, textLimit: Int = attachedLimit) {
        self.socket = socket
        self.textLimit = textLimit
    }

    func close() {
        socket.close()
    }

    /// Takes no new messages; those on their way are still received, and then comes the end.
    func shutdownReading() {
        socket.shutdownReading()
    }

    func send(_ message: WorkerMessage) async throws {
        try await socket.send(try JSON.encode(message))
    }

    /// Throws `Errno` or `CancellationError`; either way the other end has not got it.
    func send(_ invocation: Invocation, id: Int, budgetMs: Int?) async throws {
        let (text, attachment) = try Self.enclose(invocation.params)
        defer { withExtendedLifetime(attachment) {} }
        let invoke = WorkerMessage.Invoke(
            id: id, command: invocation.command.text, params: text, budgetMs: budgetMs,
            payloadLimit: invocation.payloadLimit, capabilities: invocation.capabilities.sorted())
        try await socket.send(
            try JSON.encode(WorkerMessage.invoke(invoke)), descriptors: attachment.map { [$0.descriptor] } ?? [])
    }

    func send(_ reply: Reply, id: Int) async throws {
        var message = WorkerMessage.Reply(id: id, outcome: .success(.none))
        var attachments: [MemoryFile] = []
        switch reply.outcome {
        case .success(let json):
            let (text, attachment) = try Self.enclose(json)
            message.outcome = .success(text)
            if let attachment { attachments.append(attachment) }
            if let blob = reply.blob {
                try blob.file.seal()
                message.blobField = blob.field
                attachments.append(blob.file)
            }
        case .failure(let refusal):
            let words = String(decoding: refusal.message.utf8.prefix(Self.inlineLimit), as: UTF8.self)
            message.outcome = .refusal(code: refusal.code.rawValue, message: words)
        }
        // The files stay open until the kernel has taken them along.
        defer { withExtendedLifetime(attachments) {} }
        try await socket.send(try JSON.encode(WorkerMessage.reply(message)), descriptors: attachments.map(\.descriptor))
    }

    private static func enclose(_ json: [UInt8]?) throws -> (WorkerMessage.Text, MemoryFile?) {
        guard let json else { return (.none, nil) }
        // Bytes that are not UTF-8 go as they are: it is the receiver who has words for that.
        if json.count <= inlineLimit, let text = String(validating: json, as: UTF8.self) { return (.inline(text), nil) }
        let file = try MemoryFile(name: "json")
        try file.append(json)
        try file.seal()
        return (.attached, file)
    }

    /// The next message, nil when the other end is gone. Throws `WorkerChannelError`, `Errno` or `CancellationError`.
    func receive() async throws -> Received? {
        guard var packet = try await socket.receive() else { return nil }
        let message: WorkerMessage
        do throws(JSONFailure) { message = try JSON.decode(WorkerMessage.self, from: packet.bytes) } catch {
            throw WorkerChannelError.malformed(error.description)
        }
        let (text, hasBlob) = message.attachments
        var json: [UInt8]?
        switch text {
        case .none: break
        case .inline(let text): json = Array(text.utf8)
        case .attached:
            json = try Self.adopt(packet.takeDescriptor(), upTo: textLimit).bytes()
        }
        let blob = hasBlob ? try Self.adopt(packet.takeDescriptor()) : nil
        return Received(message: message, text: json, blob: blob)
    }

    private static func adopt(
        _ descriptor: consuming FileDescriptor?, upTo limit: Int = attachedLimit
    ) throws -> MemoryFile {
        guard let descriptor else { throw WorkerChannelError.malformed("an attachment is missing") }
        let file: MemoryFile
        do throws(MemoryFileError) { file = try MemoryFile(adopting: descriptor) } catch {
            throw WorkerChannelError.unsealed
        }
        // One with nothing in it may have any size.
        guard file.size <= limit else { throw WorkerChannelError.malformed("an attachment is too long") }
        return file
    }
}

extension WorkerMessage {
    fileprivate var attachments: (Text, hasBlob: Bool) {
        switch self {
        case .invoke(let invoke): (invoke.params, false)
        case .reply(let reply):
            if case .success(let text) = reply.outcome { (text, reply.blobField != nil) } else { (.none, false) }
        case .cancel, .hello, .begun, .resting, .condition: (.none, false)
        }
    }
}
