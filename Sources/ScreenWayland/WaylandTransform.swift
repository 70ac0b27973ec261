import NodeMedia

/// What a compositor does to a picture before a screen that hangs otherwise shows it (`wl_output.transform`): the lowest two bits are
/// quarters of a turn against the clock, before which left and right change places where the third is set.
struct WaylandTransform: Equatable, Sendable {
    private let value: UInt32

    static let upright = WaylandTransform(value: 0)

    private init(value: UInt32) { self.value = value }

    init(told value: UInt32) throws(WaylandFlaw) {
        guard value < 8 else { throw WaylandFlaw() }
        self.init(value: value)
    }

    var swapsSides: Bool { value & 1 == 1 }

    /// What undoes its quarters.
    var turn: Orientation.Turn { Orientation.Turn.allCases[Int(value & 3)] }

    /// Where that point of the upright picture is in the one that was made of it; `width` and `height` are the upright one's.
    func place(_ x: Int, _ y: Int, width: Int, height: Int) -> (x: Int, y: Int) {
        let x = value & 4 == 0 ? x : width - 1 - x
        return switch turn {
        case .none: (x, y)
        case .quarter: (y, width - 1 - x)
        case .half: (width - 1 - x, height - 1 - y)
        case .threeQuarters: (height - 1 - y, x)
        }
    }
}
