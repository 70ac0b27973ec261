import LinuxIO

/// Something a node can be asked for. It does not know who asked.
package protocol Command: Sendable {
    associatedtype Params: Decodable & Sendable
    associatedtype Output: Encodable & Sendable

    static var name: CommandName { get }

    /// Does it. A `RefusalConvertible` error reaches the asker as it is, any other one as "failed", with the details in the log.
    func run(_ params: Params, in context: InvocationContext) async throws -> Output
}

/// The params of a command that takes none: any object will do.
package struct NoParams: Decodable, Sendable {
    private enum NoKey: CodingKey {}

    package init() {}

    package init(from decoder: any Decoder) throws {
        _ = try decoder.container(keyedBy: NoKey.self)
    }
}

/// An output that carries media beside its JSON.
package protocol HasBlob {
    var blob: Blob? { get }
}

/// Media of a reply: on the wire its base64 stands under `field` in the reply's object.
package struct Blob: Sendable {
    package let file: MemoryFile
    package let field: String

    package init(file: MemoryFile, field: String) {
        self.file = file
        self.field = field
    }
}
