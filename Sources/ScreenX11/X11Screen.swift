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
    /// The last picture, with the pointer as it was then.
    private var pixels: [UInt8] = []
    private var pointer: X11Pointer?
    /// What of it is not so any more. Whoever waits may be withdrawn at any question, and nothing may be lost with that.
    private var stale: X11Area
    /// The server has told of more, perhaps elsewhere. It does not tell of others before these are taken.
    private var isTold = false

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
        stale = X11Area(output)
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
        if let damage { try await take(damage) }
        stale = whole
        let picture = try await read(with: try await currentPointer())
        try await noteEvents()
        return picture
    }

    func change(lookingEvery interval: Duration) async throws(ScreenError) -> Image {
        while true {
            let pointer = try await currentPointer()
            try await heedEvents()
            if !stale.isEmpty || hasMoved(pointer) { return try await read(with: pointer) }
            // Cancelled.
            do { try await loop.sleep(for: interval) } catch { throw .cancelled }
        }
    }

    private var whole: X11Area { X11Area(output) }

    /// What the server tells comes before the reply to a question.
    private func noteEvents() async throws(ScreenError) {
        let events = await connection.takeEvents()
        if damage?.isAmong(events) == true { isTold = true }
        // Of the screen, and of what it is made of.
        if let randr = extensions.randr, !events.isDisjoint(with: [randr.event, randr.event &+ 1]) {
            try await checkOutput()
        }
    }

    private func heedEvents() async throws(ScreenError) {
        try await noteEvents()
        if let damage { if isTold { try await take(damage) } } else { stale = whole }
    }

    private func take(_ damage: X11Damage) async throws(ScreenError) {
        let before = stale
        // As long as it is not heard where they are.
        stale = whole
        stale = before.joined(with: try await damage.take(connection).common(with: whole))
        isTold = false
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
        now != pointer && !places(of: now).isEmpty
    }

    /// Where the pointer was, and where it is now, on this screen.
    private func places(of now: X11Pointer?) -> X11Area {
        (pointer?.area ?? .none).common(with: whole).joined(with: (now?.area ?? .none).common(with: whole))
    }

    /// Nil where it cannot be seen, or there is none.
    private func currentPointer() async throws(ScreenError) -> X11Pointer? {
        guard let xfixes = extensions.xfixes else { return nil }
        // GetCursorImage
        guard case .reply(let reply) = try await connection.ask(X11Request(xfixes.opcode, 4)) else { return nil }
        do throws(X11Flaw) { return try X11Pointer(reply) } catch { throw connection.malformed }
    }

    /// The last picture, read anew where it is not so any more.
    private func read(with pointer: X11Pointer?) async throws(ScreenError) -> Image {
        let places = places(of: pointer)
        // It is drawn on what is below it.
        let isDrawn = pointer != self.pointer || !places.common(with: stale).isEmpty
        let area = isDrawn ? stale.joined(with: places) : stale
        if let memory {
            _ = try await image(memory.request(area, in: connection.setup.root))
            put(memory.bytes, at: area)
        } else {
            // GetImage
            var request = X11Request(73, X11Request.wholePixels)
            request.add(connection.setup.root)
            request.add(area)
            request.add(UInt32.max)
            let reply = try await image(request)
            guard reply.bytes.count >= 32 + 4 * area.columns.count * area.rows.count else { throw connection.malformed }
            reply.bytes.withUnsafeBytes { put(UnsafeRawBufferPointer(rebasing: $0[32...]), at: area) }
        }
        let time = MonotonicTime.now
        stale = .none
        if isDrawn { pointer?.draw(on: &pixels, of: output) }
        self.pointer = pointer
        var picture = Image(width: output.width, height: output.height, format: .bgrx, bytes: pixels, capturedAt: time)
        picture.changedRows = area.rows.lowerBound - output.y..<area.rows.upperBound - output.y
        return picture
    }

    private func put(_ rows: UnsafeRawBufferPointer, at area: X11Area) {
        if pixels.isEmpty { return pixels = Array(rows[..<(4 * output.width * output.height)]) }
        pixels.withUnsafeMutableBytes { pixels in
            let length = 4 * area.columns.count
            for (index, row) in area.rows.enumerated() {
                let start = 4 * ((row - output.y) * output.width + area.columns.lowerBound - output.x)
                UnsafeMutableRawBufferPointer(rebasing: pixels[start..<start + length])
                    .copyMemory(from: UnsafeRawBufferPointer(rebasing: rows[index * length..<(index + 1) * length]))
            }
        }
    }

    private func image(_ request: X11Request) async throws(ScreenError) -> X11Data {
        switch try await connection.ask(request) {
        case .reply(let reply): return reply
        case .refused(Refusal.match): throw .changed(output.name)
        case .refused(let code): throw .failed(connection.name, reason: "it gives no picture (X error \(code))")
        }
    }
}
