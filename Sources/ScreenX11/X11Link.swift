import NodeScreen

/// The bytes of a conversation, cut into what the server sent.
extension SessionLink {
    private static let packetLength = 32
    /// More than any picture has.
    private static let longest = 1 << 30

    nonisolated var malformed: ScreenError { .failed(name, reason: "it does not speak the X protocol") }

    func setupAnswer() async throws(ScreenError) -> X11Data {
        let head = X11Data(try await peek(X11Setup.headerLength))
        // What is wrong with it makes no difference: it is no X server.
        guard let length = try? X11Setup.length(head) else { throw malformed }
        return X11Data(try await take(X11Setup.headerLength + length))
    }

    /// The next reply, error or event: whole, and never empty.
    func packet() async throws(ScreenError) -> X11Data {
        let head = try await peek(Self.packetLength)
        // Of the others only these are longer: replies, and events of newer extensions.
        guard head[0] == 1 || head[0] & 0x7F == 35 else { return X11Data(try await take(Self.packetLength)) }
        let more = (4..<8).reversed().reduce(0) { $0 << 8 | Int(head[$1]) }
        guard 4 * more <= Self.longest else { throw malformed }
        return X11Data(try await take(Self.packetLength + 4 * more))
    }
}
