import LinuxIO
import NodeMedia
import NodeScreen

/// One screen of a Wayland compositor.
///
/// Whoever waits for a change is told of it by the compositor, which is asked for the next copy as soon as one has come. One that had come
/// before it was waited for is given with the time that it is of; what may have gone untold after it is looked for then.
actor WaylandScreen: Screen {
    private let output: ScreenOutput
    /// The compositor's number for it.
    private let number: UInt32
    private let connection: WaylandConnection
    private let way: WaylandWay
    private let shm: UInt32
    private let loop: EventLoop

    private enum Lane {
        case now, change
    }

    private var copies: [Lane: WaylandCopy] = [:]
    private var buffers: [Lane: WaylandBuffer] = [:]
    private let pixels = WaylandPixels()
    /// Something may have changed since then of which nothing is told.
    private var isUnsure = true

    init(
        _ output: ScreenOutput, _ number: UInt32, of connection: WaylandConnection, _ way: WaylandWay, shm: UInt32,
        on loop: EventLoop
    ) {
        self.output = output
        self.number = number
        self.connection = connection
        self.way = way
        self.shm = shm
        self.loop = loop
    }

    func picture() async throws(ScreenError) -> Image {
        try await drop(.change)
        isUnsure = way.mayMissChanges
        let picture = try await copyNow()
        await pixels.keep(picture.bytes)
        return picture
    }

    func change(lookingEvery interval: Duration) async throws(ScreenError) -> Image {
        while true {
            let picture = way.tellsChanges ? try await nextCopy() : try await copyNow()
            if !(await pixels.areKnown(picture.bytes)) { return picture }
            // Cancelled.
            do { try await loop.sleep(for: interval) } catch { throw .cancelled }
        }
    }

    /// One that may be different from the last picture.
    private func nextCopy() async throws(ScreenError) -> Image {
        if copies[.change] == nil { try await ask(.change) }
        try await connection.roundTrip()
        while let event = await connection.takeEvent() { try heed(event) }
        let isLate = copies[.change]?.end != nil
        let isLooking = isUnsure && !isLate
        let picture = isLooking ? try await copyNow() : try await taken(.change)
        // Until the next one is asked for: who is withdrawn meanwhile has not seen this one.
        isUnsure = true
        // One that has come while the screen was looked at may be older.
        let isOver = copies[.change]?.end != nil
        if isOver { try await ask(.change) }
        isUnsure = (isLooking ? isOver : isLate) && way.mayMissChanges
        return picture
    }

    private func copyNow() async throws(ScreenError) -> Image {
        if let session = copies[.now]?.session {
            // What is waited for is of the same one.
            try await drop(.change)
            try await destroyFrame(.now)
            try await connection.send(session.destroying)
        }
        try await drop(.now)
        try await ask(.now)
        return try await taken(.now)
    }

    private func drop(_ lane: Lane) async throws(ScreenError) {
        try await destroyFrame(lane)
        copies[lane] = nil
    }

    private func destroyFrame(_ lane: Lane) async throws(ScreenError) {
        let requests = copies[lane]?.destroyFrame() ?? []
        try await connection.send(requests)
    }

    private func ask(_ lane: Lane) async throws(ScreenError) {
        let previous = lane == .change ? copies[.change] ?? copies[.now] : nil
        try await drop(lane)
        do throws(ScreenError) {
            let source = try await current().object
            copies[lane] = try await WaylandCopy.begin(way, of: source, after: previous, connection)
            let buffer = try await buffer(lane, try await reached(lane, \.layout))
            let requests = copies[lane]?.filling(buffer, whenChanged: lane == .change) ?? []
            try await connection.send(requests)
        } catch {
            // Nobody would ever fill it. Where that cannot be said, the conversation is over.
            try? await drop(lane)
            throw error
        }
    }

    private func buffer(_ lane: Lane, _ layout: WaylandLayout) async throws(ScreenError) -> WaylandBuffer {
        guard WaylandLayout.isReadable(layout.format) else {
            throw .unsupported(
                output.name,
                reason: "its pixels are \(layout.formatName), and only four bytes of 8 bits a colour are understood; "
                    + "set its depth to 8 bits")
        }
        if let buffer = buffers[lane] {
            if buffer.layout == layout { return buffer }
            try await buffer.destroy(connection)
        }
        let buffer = try await WaylandBuffer.shared(layout, with: connection, through: shm)
        buffers[lane] = buffer
        return buffer
    }

    /// The picture that was asked for.
    private func taken(_ lane: Lane) async throws(ScreenError) -> Image {
        _ = try await reached(lane) { $0.end }
        let now = MonotonicTime.now
        let shown = try await current()
        guard let copy = copies[lane], let buffer = buffers[lane] else { throw .cancelled }
        try await destroyFrame(lane)
        let transform = copy.transform ?? shown.transform
        let bytes = await pixels.upright(buffer, transform, isInverted: copy.isInverted)
        let (width, height) =
            transform.swapsSides
            ? (buffer.layout.height, buffer.layout.width) : (buffer.layout.width, buffer.layout.height)
        guard (width, height) == (output.width, output.height) else { throw .changed(output.name) }
        let time = copy.time.flatMap { copy.begun < $0 && $0 < now ? $0 : nil } ?? now
        return Image(width: width, height: height, format: .bgrx, bytes: bytes, capturedAt: time)
    }

    /// Reads on until `what` is known of a copy. For a change that takes as long as it takes; but the compositor has to be there.
    private func reached<R: Sendable>(_ lane: Lane, _ what: (WaylandCopy) -> R?) async throws(ScreenError) -> R {
        while true {
            guard let copy = copies[lane] else { throw .cancelled }
            switch copy.end {
            case .changed: throw .changed(output.name)
            case .stopped, .failed:
                // Why, is told beside it.
                try await connection.roundTrip()
                _ = try await current()
                throw .failed(
                    connection.name, reason: "it gives no picture of \(output.name), which may be switched off")
            case .ready, nil: break
            }
            if let result = what(copy) { return result }
            if let event = try await connection.next(within: SessionLink.patience) {
                try heed(event)
                _ = try await current()
            } else {
                try await connection.roundTrip()
                guard lane == .change else {
                    throw .failed(
                        connection.name, reason: "no picture of \(output.name) has come; it may be switched off")
                }
            }
        }
    }

    private func heed(_ event: WaylandEvent) throws(ScreenError) {
        for lane in Array(copies.keys) {
            do throws(WaylandFlaw) { try copies[lane]?.take(event) } catch { throw connection.malformed }
        }
    }

    /// The screen as it is now, which has to be as it was.
    private func current() async throws(ScreenError) -> WaylandOutput {
        guard let now = await connection.outputs[number], let shown = now.output(number) else {
            throw .gone(output.name)
        }
        guard (shown.x, shown.y, shown.width, shown.height) == (output.x, output.y, output.width, output.height)
        else { throw .changed(output.name) }
        return now
    }
}
