import NodeMedia
import NodeScreen

/// What `zwlr_screencopy_frame_v1` tells.
extension WaylandCopy {
    mutating func takeScreencopy(_ event: WaylandEvent, _ version: UInt32) throws(WaylandFlaw) {
        guard let frame, event.object == frame else { return }
        switch event.opcode {
        case 0:  // buffer
            guard told.offer(try event.number(0)) else { return }
            told.size = (Int(try event.number(1)), Int(try event.number(2)))
            told.stride = Int(try event.number(3))
            // Before version 3 there was one kind of buffers only.
            if version < 3 { layout = try told.layout() }
        case 1: isInverted = try event.number(0) & 1 == 1
        case 2:
            time = try MonotonicTime(event)
            end = .ready
        case 3: end = .failed
        case 6: layout = try told.layout()  // buffer_done
        default: break
        }
    }
}
