/// What a connection knows and does without waiting; its owner keeps it under a lock and waits outside of that.
///
/// `@unchecked`: reached under that lock only.
struct ConnectionState: ~Copyable, @unchecked Sendable {
    /// One that waits for a turn or a pong: true when it came, false when it never will.
    typealias Waiter = CheckedContinuation<Bool, Never>

    enum SendStep {
        /// All of it is with the kernel, and the turn is over; the caller resumes who is next.
        case done(next: Waiter?)
        /// Others may have their turn before the next piece.
        case more
        /// The kernel takes nothing now.
        case blocked
    }

    enum ReadStep {
        case message(WebSocketMessage)
        case more
        /// The same, of what was no part of a message.
        case overhead
        /// Nothing is there; `forWriting` when something waits to be flushed, too.
        case wait(forWriting: Bool)
        /// The peer has sent its close frame, and ours is queued.
        case closed
        /// The peer broke the protocol, and our close frame is queued.
        case violated(Violation)
        case failed(WebSocketError)
    }

    let wire: Wire
    let role: WebSocketRole
    var decoder: FrameDecoder
    private var encoder: FrameEncoder

    /// Of those who send: whose next it is to append to the wire and to wait for it.
    var senders = TurnQueue()
    /// Of those who read.
    var readers = TurnQueue()
    /// Whether the one who reads has the senders' turn, because a control frame is stuck.
    private var readerFlushes = false
    private var pace = FramePace()
    /// When the kernel had enough of the message under way.
    private var blockedAt: ContinuousClock.Instant?
    var pings = PingTable()

    private(set) var closeFrame: CloseFrame?
    private var hasSentClose = false
    /// Why nothing can be sent any more; what the peer sent before may still be read.
    private var sendFailure: WebSocketError?
    private(set) var isOver = false
    private(set) var failure: WebSocketError?

    private var incoming = [UInt8](repeating: 0, count: 64 << 10)
    private var unread = 0..<0
    /// For how long the kernel may take nothing of what is sent; nil for as long as it keeps the connection.
    var writeLimit: Duration?
    /// The newest ping that could not be answered yet because too much is queued.
    private var unanswered: [UInt8]?
    /// How many steps of reading there were since there was nothing to read.
    private var stepsInARow = 0
    private static let controlLimit = OutgoingFragments.size + (32 << 10)

    /// `early` came right behind the handshake.
    init(_ wire: Wire, role: WebSocketRole, maxMessage: Int, early: [UInt8]) {
        self.wire = wire
        self.role = role
        decoder = FrameDecoder(role: role, maxMessage: maxMessage)
        encoder = FrameEncoder(role: role)
        // A head's collector holds less than the buffer does.
        incoming.replaceSubrange(0..<early.count, with: early)
        unread = 0..<early.count
    }

    // MARK: Sending

    /// Goes on with a message; to be called by who has the turn, which ends with `.done`. Throws why nothing can be sent.
    mutating func advance(
        _ fragments: inout OutgoingFragments, now: () -> ContinuousClock.Instant
    ) throws(WebSocketError) -> SendStep {
        guard try flush() else { return .blocked }
        if let since = blockedAt.take() { pace.passed(in: now() - since) }
        if hasSentClose { throw .lost(nil) }
        try answerLate()
        while !fragments.isDone, wire.unsentCount < pace.size {
            try wire.append { (queue) throws(WebSocketError) in
                try fragments.appendNext(pace.size, with: &encoder, to: &queue)
            }
        }
        guard try flush() else {
            blockedAt = now()
            return .blocked
        }
        pace.passed(in: .zero)
        // In the same step as the flush: a pong queued in between would be nobody's to send.
        return fragments.isDone ? .done(next: senders.leave()) : .more
    }

    /// Goes on with what is queued; to be called by who has the turn, which ends with `.done`.
    mutating func finishFlush() throws(WebSocketError) -> SendStep {
        try flush() ? .done(next: senders.leave()) : .blocked
    }

    /// Whether the message under way leaves a connection that can go on only by being reset.
    func isBroken(by fragments: OutgoingFragments) -> Bool {
        fragments.hasBegun && sendFailure == nil && !hasSentClose && !isOver
    }

    /// Throws why nothing can be sent.
    func checkSending() throws(WebSocketError) {
        if let sendFailure = failure ?? sendFailure { throw sendFailure }
        if hasSentClose || isOver { throw .lost(nil) }
    }

    /// Gives the kernel what is queued; true when that was all.
    mutating func flush() throws(WebSocketError) -> Bool {
        if let sendFailure = failure ?? sendFailure { throw sendFailure }
        do { return try wire.flush() } catch {
            sendFailure = error
            throw error
        }
    }

    mutating func append(_ opcode: Opcode, _ payload: [UInt8]) throws(WebSocketError) {
        try wire.append { (queue) throws(WebSocketError) in
            payload.withUnsafeBytes { encoder.append(opcode, $0, to: &queue) }
        }
    }

    /// Queues our close frame, once. What cannot be sent any more does not matter: the connection is ending.
    mutating func appendClose(_ frame: CloseFrame) {
        guard !hasSentClose, !isOver else { return }
        hasSentClose = true
        do throws(WebSocketError) { try append(.close, frame.payload) } catch { sendFailure = sendFailure ?? error }
    }

    // MARK: Receiving

    /// One step of reading; to be called by who has the readers' turn.
    mutating func read() -> ReadStep {
        if isOver { return closeFrame != nil ? .closed : .failed(failure ?? .lost(nil)) }
        do throws(WebSocketError) {
            while true {
                let event: FrameDecoder.Event?
                do throws(Violation) { event = try nextEvent() } catch { return violated(error) }
                guard let event else { break }
                if let step = try take(event) { return step }
            }
            switch try wire.read(into: &incoming) {
            case .nothing: return .wait(forWriting: flushWhileReading())
            case .more: return .overhead
            case .bytes(0): return .failed(.lost(nil))
            case .bytes(let count):
                unread = 0..<count
                // A peer that never pauses is answered all the same.
                _ = flushWhileReading()
                return .more
            }
        } catch { return .failed(error) }
    }

    /// Whether it is time to let others have a turn of the loop, after this step of reading.
    mutating func isLong(after step: ReadStep) -> Bool {
        if case .wait = step { stepsInARow = 0 } else { stepsInARow += 1 }
        if case .overhead = step { return true }
        return stepsInARow > 0 && stepsInARow.isMultiple(of: 8)
    }

    private mutating func nextEvent() throws(Violation) -> FrameDecoder.Event? {
        guard !unread.isEmpty else { return nil }
        let result: Result<FrameDecoder.Event?, Violation> = incoming.withUnsafeBytes { buffer in
            var rest = UnsafeRawBufferPointer(rebasing: buffer[unread])
            defer { unread = (unread.upperBound - rest.count)..<unread.upperBound }
            do throws(Violation) { return .success(try decoder.next(from: &rest)) } catch { return .failure(error) }
        }
        return try result.get()
    }

    private mutating func take(_ event: FrameDecoder.Event) throws(WebSocketError) -> ReadStep? {
        switch event {
        case .message(let message):
            _ = flushWhileReading()
            return .message(message)
        case .ping(let payload): answer(payload)
        case .pong(let payload): pings.answer(payload)
        case .close(let frame):
            closeFrame = frame
            appendClose(frame)
            return .closed
        }
        return nil
    }

    /// A peer that sends pings and reads nothing gets its answer to the last one (RFC 6455 §5.5.3).
    private mutating func answer(_ payload: [UInt8]) {
        guard !hasSentClose, sendFailure == nil else { return }
        guard wire.unsentCount < Self.controlLimit else {
            unanswered = payload
            return
        }
        do throws(WebSocketError) { try append(.pong, payload) } catch { sendFailure = error }
    }

    private mutating func violated(_ violation: Violation) -> ReadStep {
        appendClose(CloseFrame(code: violation.code, reason: violation.reason))
        return .violated(violation)
    }

    /// Sends control frames when no sender does; true when they are stuck, and the turn is the reader's until they are not.
    private mutating func flushWhileReading() -> Bool {
        guard readerFlushes || wire.unsentCount > 0, readerFlushes || senders.takeIfFree() else { return false }
        readerFlushes = true
        do throws(WebSocketError) {
            guard try flush() else { return true }
            try answerLate()
            return try !flush()
        } catch {
            // The senders will be told. What the peer said before it went shall still be heard.
            return false
        }
    }

    private mutating func answerLate() throws(WebSocketError) {
        guard let payload = unanswered, !hasSentClose else { return }
        unanswered = nil
        try append(.pong, payload)
    }

    /// Ends the turn that reading took for control frames, once they are gone or reading stops; gives who is next.
    mutating func releaseFlush(evenIfStuck: Bool) -> Waiter? {
        guard readerFlushes, evenIfStuck || wire.unsentCount == 0 || sendFailure != nil else { return nil }
        readerFlushes = false
        return senders.leave()
    }

    // MARK: Ending

    /// Marks the connection as over; the caller resumes all that are given with false, and sees to the socket.
    mutating func end(_ error: WebSocketError?) -> [Waiter] {
        guard !isOver else { return [] }
        isOver = true
        failure = error
        return senders.removeAll() + readers.removeAll() + pings.removeAll()
    }
}
