import NodeMedia
import NodeScreen

/// The two protocols by which a compositor hands out copies of its screens. Our names for what they begin with.
enum WaylandWay: Equatable, Sendable {
    /// `ext_output_image_capture_source_manager_v1` and `ext_image_copy_capture_manager_v1`.
    case capture(sources: UInt32, manager: UInt32)
    /// `zwlr_screencopy_manager_v1`
    case screencopy(manager: UInt32, version: UInt32)

    /// Nil where neither is offered. The newer one is better: it tells exactly what has changed since when.
    static func offered(by connection: WaylandConnection) async throws(ScreenError) -> WaylandWay? {
        if let sources = try await connection.bind("ext_output_image_capture_source_manager_v1", upTo: 1),
            let manager = try await connection.bind("ext_image_copy_capture_manager_v1", upTo: 1)
        {
            return .capture(sources: sources.object, manager: manager.object)
        }
        guard let manager = try await connection.bind("zwlr_screencopy_manager_v1", upTo: 3) else { return nil }
        return .screencopy(manager: manager.object, version: manager.version)
    }

    /// Whether it can be waited for a change.
    var tellsChanges: Bool {
        switch self {
        case .capture: true
        case .screencopy(_, let version): version >= 2
        }
    }

    /// Whether what changes between two copies may go untold: some of those who speak the older one count only from when they are asked.
    var mayMissChanges: Bool {
        switch self {
        case .capture: false
        case .screencopy: true
        }
    }
}

/// One copy of a screen, from being asked for to being there or not: what the compositor tells of it.
struct WaylandCopy: Sendable {
    enum End: Equatable, Sendable {
        case ready
        case failed
        /// Of another size than was asked for.
        case changed
        /// There will be no more of them.
        case stopped
    }

    let way: WaylandWay
    /// Of the newer protocol only.
    let session: Session?
    /// Our name for it; nil once it is destroyed.
    private(set) var frame: UInt32?
    /// When it was asked for.
    let begun = MonotonicTime.now

    /// How a buffer for it must be; nil until that was told completely.
    var layout: WaylandLayout?
    /// What is told of that before it is complete.
    var told = Told()
    /// Of what is in it; nil when that is the screen's.
    var transform: ScreenTransform?
    /// Whether its lowest row comes first.
    var isInverted = false
    /// That it is of, where that was told.
    var time: MonotonicTime?
    var end: End?

    struct Session: Equatable, Sendable {
        let source: UInt32
        let object: UInt32
    }

    struct Told: Sendable {
        var size: (width: Int, height: Int)?
        var stride: Int?
        /// That of what was told last, unless what was told before can be read and this cannot.
        private var format: UInt32?

        mutating func offer(_ format: UInt32) -> Bool {
            if let known = self.format, WaylandLayout.isReadable(known) { return false }
            self.format = format
            return true
        }

        func layout() throws(WaylandFlaw) -> WaylandLayout {
            guard let size, let format else { throw WaylandFlaw() }
            return try WaylandLayout(
                format: format, width: size.width, height: size.height, stride: stride ?? 4 * size.width)
        }
    }

    init(_ way: WaylandWay, frame: UInt32, session: Session? = nil, layout: WaylandLayout? = nil) {
        self.way = way
        self.frame = frame
        self.session = session
        self.layout = layout
    }

    /// What is told of other objects means nothing to it.
    mutating func take(_ event: WaylandEvent) throws(WaylandFlaw) {
        switch way {
        case .capture: try takeCapture(event)
        case .screencopy(_, let version): try takeScreencopy(event, version)
        }
    }

    /// Asks for one of `output`; of what the newer protocol has told for `previous` it goes on.
    static func begin(
        _ way: WaylandWay, of output: UInt32, after previous: WaylandCopy?, _ connection: WaylandConnection
    ) async throws(ScreenError) -> WaylandCopy {
        switch way {
        case .capture(let sources, let manager):
            let session: Session
            if let known = previous?.session {
                session = known
            } else {
                session = try await Session.begin(sources, manager, of: output, connection)
            }
            // create_frame
            let frame = await connection.makeID()
            try await connection.send(WaylandRequest(session.object, 0, [frame]))
            return WaylandCopy(way, frame: frame, session: session, layout: previous?.layout)
        case .screencopy(let manager, _):
            // capture_output, with the pointer
            let frame = await connection.makeID()
            try await connection.send(WaylandRequest(manager, 0, [frame, 1, output]))
            return WaylandCopy(way, frame: frame)
        }
    }

    /// Has it put into a buffer: by the older protocol now, or when something is different.
    func filling(_ buffer: WaylandBuffer, whenChanged: Bool) -> [WaylandRequest] {
        guard let frame else { return [] }
        switch way {
        case .capture:
            let sides = [UInt32(buffer.layout.width), UInt32(buffer.layout.height)]
            return [
                WaylandRequest(frame, 1, [buffer.object]),  // attach_buffer
                WaylandRequest(frame, 2, [0, 0] + sides),  // damage_buffer: all of it is old
                WaylandRequest(frame, 3),  // capture
            ]
        case .screencopy:
            // copy_with_damage, or copy
            return [WaylandRequest(frame, whenChanged ? 2 : 0, [buffer.object])]
        }
    }

    /// Withdraws it where it is still to come.
    mutating func destroyFrame() -> [WaylandRequest] {
        guard let frame else { return [] }
        self.frame = nil
        switch way {
        case .capture: return [WaylandRequest(frame, 0)]
        case .screencopy: return [WaylandRequest(frame, 1)]
        }
    }
}

/// A time as either protocol tells it: the seconds in two halves, then the rest.
extension MonotonicTime {
    init(_ event: WaylandEvent) throws(WaylandFlaw) {
        let seconds = UInt64(try event.number(0)) << 32 | UInt64(try event.number(1))
        guard seconds < 1 << 32 else { throw WaylandFlaw() }
        self.init(nanoseconds: Int64(seconds) * 1_000_000_000 + Int64(try event.number(2)))
    }
}
