import NodeMedia
import NodeScreen

extension WaylandCopy.Session {
    /// Copies of `output`, with the pointer. The first is made at once, each later one when something is different from the one before.
    static func begin(
        _ sources: UInt32, _ manager: UInt32, of output: UInt32, _ connection: WaylandConnection
    ) async throws(ScreenError) -> Self {
        // create_source, create_session
        let source = await connection.makeID()
        try await connection.send(WaylandRequest(sources, 0, [source, output]))
        let object = await connection.makeID()
        try await connection.send(WaylandRequest(manager, 0, [object, source, 1]))
        return Self(source: source, object: object)
    }

    var destroying: [WaylandRequest] { [WaylandRequest(object, 1), WaylandRequest(source, 0)] }
}

/// What `ext_image_copy_capture_session_v1` and its frames tell.
extension WaylandCopy {
    mutating func takeCapture(_ event: WaylandEvent) throws(WaylandFlaw) {
        if let session, event.object == session.object {
            try takeSession(event)
        } else if let frame, event.object == frame {
            try takeFrame(event)
        }
    }

    private mutating func takeSession(_ event: WaylandEvent) throws(WaylandFlaw) {
        switch event.opcode {
        case 0: told.size = (Int(try event.number(0)), Int(try event.number(1)))  // buffer_size
        case 1: _ = told.offer(try event.number(0))  // shm_format
        case 4:  // done
            layout = try told.layout()
            told = Told()
        case 5: end = .stopped
        default: break
        }
    }

    private mutating func takeFrame(_ event: WaylandEvent) throws(WaylandFlaw) {
        switch event.opcode {
        case 0: transform = try ScreenTransform(told: try event.number(0))
        case 2: time = try MonotonicTime(event)  // presentation_time
        case 3: end = .ready
        case 4:
            let reason = try event.number(0)
            end = reason == 1 ? .changed : reason == 2 ? .stopped : .failed  // buffer_constraints, stopped
        default: break
        }
    }
}
