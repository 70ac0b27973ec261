import LinuxIO
import NodeMedia
import NodeScreen

/// One monitor of an X server.
actor X11Screen: Screen {
    /// Pictures are copied here.
    private nonisolated let thread = WorkerThread(name: "x11")
    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    private let output: ScreenOutput
    private let connection: X11Connection
    private let extensions: X11Extensions
    private let memory: X11Memory?
    private let damage: X11Damage?
    private let loop: EventLoop
    /// As the last picture had it.
    private var pointer: X11Pointer?
    private var news = News.none

    /// What is known of changes that have not been taken. Whoever waits may be withdrawn at any question, and nothing may be lost with that.
    private enum News {
        case none
        /// There are some, perhaps elsewhere. The server does not tell of others before these are taken.
        case told
        /// Taken, but where they were was not heard.
        case unheard
    }

    /// X errors that have a meaning here (X11/X.h).
    private enum Refusal {
        /// Part of the area is no part of the screen.
        static let match: UInt8 = 8
    }

    /// What the server lacks is done without.
    init(
        _ output: ScreenOutput, of connection: X11Connection, _ extensions: X11Extensions, on loop: EventLoop
    ) async throws(ScreenError) {
        self.output = output
        self.connection = connection
        self.extensions = extensions
        self.loop = loop
        memory = try await X11Memory.shared(size: 4 * output.width * output.height, with: connection, extensions.shm)
        damage = try await X11Damage.watched(on: connection, extensions)
        if let randr = extensions.randr {
            // SelectInput: what becomes of the screen, and of what it is made of.
            var request = X11Request(randr.opcode, 4)
            request.add(connection.setup.root)
            request.add(UInt32(1 | 2 | 4))
            try await connection.send(request)
        }
    }

    func picture() async throws(ScreenError) -> Image {
        // First: what changes while it is read is then told again.
        if let damage { _ = try await take(damage) }
        return try await read(with: try await currentPointer())
    }

    func change(lookingEvery interval: Duration) async throws(ScreenError) -> Image {
        while true {
            let pointer = try await currentPointer()
            let isDamaged = try await heedEvents()
            if isDamaged || hasMoved(pointer) { return try await read(with: pointer) }
            // Cancelled.
            do { try await loop.sleep(for: interval) } catch { throw .cancelled }
        }
    }

    /// Whether the server has told of a change on this screen; what it tells comes before the reply to a question.
    private func heedEvents() async throws(ScreenError) -> Bool {
        let events = await connection.takeEvents()
        if news == .none, damage?.isAmong(events) == true { news = .told }
        // Of the screen, and of what it is made of.
        if let randr = extensions.randr, !events.isDisjoint(with: [randr.event, randr.event &+ 1]) {
            try await checkOutput()
        }
        guard let damage else { return true }
        return news == .none ? false : try await take(damage)
    }

    private func take(_ damage: X11Damage) async throws(ScreenError) -> Bool {
        let isUnheard = news == .unheard
        news = .unheard
        let isHere = try await damage.take(on: output, connection)
        news = .none
        return isHere || isUnheard
    }

    private func checkOutput() async throws(ScreenError) {
        let outputs = try await X11Session.outputs(connection, extensions)
        guard let now = outputs.first(where: { $0.name == output.name }) else { throw .gone(output.name) }
        guard (now.x, now.y, now.width, now.height) == (output.x, output.y, output.width, output.height) else {
            throw .changed(output.name)
        }
    }

    /// No server tells when it moves unless it moves in one's own window.
    private func hasMoved(_ now: X11Pointer?) -> Bool {
        now != pointer && [now, pointer].contains { $0?.touches(output) == true }
    }

    /// Nil where it cannot be seen, or there is none.
    private func currentPointer() async throws(ScreenError) -> X11Pointer? {
        guard let xfixes = extensions.xfixes else { return nil }
        // GetCursorImage
        guard case .reply(let reply) = try await connection.ask(X11Request(xfixes.opcode, 4)) else { return nil }
        do throws(X11Flaw) { return try X11Pointer(reply) } catch { throw connection.malformed }
    }

    private func read(with pointer: X11Pointer?) async throws(ScreenError) -> Image {
        var bytes = try await pixels()
        let time = MonotonicTime.now
        pointer?.draw(on: &bytes, of: output)
        self.pointer = pointer
        return Image(width: output.width, height: output.height, format: .bgrx, bytes: bytes, capturedAt: time)
    }

    private func pixels() async throws(ScreenError) -> [UInt8] {
        let size = 4 * output.width * output.height
        if let memory {
            _ = try await image(memory.request(output, in: connection.setup.root))
            return memory.bytes(size)
        }
        // GetImage
        var request = X11Request(73, X11Request.wholePixels)
        request.add(connection.setup.root)
        request.add(area: output)
        request.add(UInt32.max)
        let reply = try await image(request)
        guard reply.bytes.count >= 32 + size else { throw connection.malformed }
        return Array(reply.bytes[32..<32 + size])
    }

    private func image(_ request: X11Request) async throws(ScreenError) -> X11Data {
        switch try await connection.ask(request) {
        case .reply(let reply): return reply
        case .refused(Refusal.match): throw .changed(output.name)
        case .refused(let code): throw .failed(connection.name, reason: "it gives no picture (X error \(code))")
        }
    }
}
