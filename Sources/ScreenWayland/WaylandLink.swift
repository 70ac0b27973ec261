import NodeScreen

/// The bytes of a conversation, cut into what the compositor tells.
extension SessionLink {
    nonisolated var malformed: ScreenError { .failed(name, reason: "it does not speak the Wayland protocol") }

    func event() async throws(ScreenError) -> WaylandEvent {
        let header = try await peek(WaylandEvent.headerLength)
        // What is wrong with it makes no difference.
        guard let length = try? WaylandEvent.length(header) else { throw malformed }
        let bytes = try await take(length)
        guard let event = try? WaylandEvent(bytes) else { throw malformed }
        return event
    }
}
