import NodeMedia
import NodeScreen

/// A screen as a compositor describes it, by `wl_output` and, where there is one, `zxdg_output_v1`.
struct WaylandOutput: Sendable {
    /// Our name for it.
    let object: UInt32
    /// Our name for what tells more of it.
    let details: UInt32?

    private(set) var transform = ScreenTransform.upright
    /// Of its connector.
    private var name: String?
    private var mode: (width: Int, height: Int)?
    /// Among the others, in units of what is pointed at.
    private var position: (x: Int, y: Int) = (0, 0)
    private var units: (width: Int, height: Int)?

    init(object: UInt32, details: UInt32?) {
        self.object = object
        self.details = details
    }

    /// False for what is told of something else.
    mutating func take(_ event: WaylandEvent) throws(WaylandFlaw) -> Bool {
        switch (event.object, event.opcode) {
        case (object, 0):  // geometry
            if details == nil { position = (try event.signed(0), try event.signed(1)) }
            // Behind the size in millimetres and the kind of its points.
            let make = try event.text(5).words
            let model = try event.text(5 + make).words
            transform = try ScreenTransform(told: try event.number(5 + make + model))
        case (object, 1):  // mode
            // One of those that it could have.
            if try event.number(0) & 1 == 1 { mode = (try event.signed(1), try event.signed(2)) }
        case (object, 4): name = try event.text(0).text
        case (details, 0): position = (try event.signed(0), try event.signed(1))
        case (details, 1): units = (try event.signed(0), try event.signed(1))
        case (details, 3): if name == nil { name = try event.text(0).text }
        default: return event.object == object || event.object == details
        }
        return true
    }

    /// Nil for one that shows nothing. `number` is the compositor's, for one without a name.
    func output(_ number: UInt32) -> ScreenOutput? {
        guard let mode, mode.width > 0, mode.height > 0 else { return nil }
        let (width, height) = transform.swapsSides ? (mode.height, mode.width) : mode
        let scale = units.flatMap { $0.width > 0 ? Double(width) / Double($0.width) : nil }
        return ScreenOutput(
            name: name ?? "output-\(number)", x: position.x, y: position.y, width: width, height: height,
            scale: scale ?? 1, turn: transform.turn)
    }
}
