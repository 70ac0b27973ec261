import LinuxIO

/// HTTP/1.1 messages on one connection, as bytes come and go.
struct HTTPStream {
    let wire: Wire
    private var collector = HTTPHeadCollector()

    init(_ wire: Wire) {
        self.wire = wire
    }

    func send(_ bytes: [UInt8]) async throws(WebSocketError) {
        try wire.append(bytes)
        while try !wire.flush() { _ = try await wait(for: .write) }
    }

    mutating func readHead() async throws(WebSocketError) -> HTTPHead {
        // What came behind one head may be the next.
        var piece = takeRest()
        while true {
            if let head = try collector.take(piece) { return head }
            piece = try await read()
            if piece.isEmpty { throw .lost(nil) }
        }
    }

    /// The head, if it is there already, with all that has come.
    mutating func readHeadIfThere() throws(WebSocketError) -> HTTPHead? {
        if let head = try collector.take(takeRest()) { return head }
        while case .bytes(let piece) = try readIfThere() {
            if piece.isEmpty { throw .lost(nil) }
            if let head = try collector.take(piece) { return head }
        }
        return nil
    }

    /// What came after the head.
    mutating func takeRest() -> [UInt8] { collector.takeRest() }

    /// Empty at the end.
    func read() async throws(WebSocketError) -> [UInt8] {
        while true {
            let step = try readIfThere()
            if case .nothing = step {
                _ = try await wait(for: .read)
                continue
            }
            // Who never pauses, with one answer after the other or a line after the other, gets no further than time allows.
            await Task.yield()
            if Task.isCancelled { throw .cancelled }
            if case .bytes(let piece) = step { return piece }
        }
    }

    func wait(for interest: Readiness.Interest) async throws(WebSocketError) -> Readiness.Interest {
        do { return try await wire.socket.wait(for: interest) } catch { throw .cancelled }
    }

    private enum Step {
        /// Empty at the end.
        case bytes([UInt8])
        case nothing, more
    }

    private func readIfThere() throws(WebSocketError) -> Step {
        var buffer = [UInt8](repeating: 0, count: 4 << 10)
        switch try wire.read(into: &buffer) {
        case .bytes(let count): return .bytes(Array(buffer.prefix(count)))
        case .nothing: return .nothing
        case .more: return .more
        }
    }
}
