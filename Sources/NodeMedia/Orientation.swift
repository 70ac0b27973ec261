/// What makes a picture stand upright: left and right change places where it is mirrored, then it is turned clockwise.
package struct Orientation: Equatable, Sendable, Codable {
    package enum Turn: Int, CaseIterable, Sendable, Codable {
        case none = 0
        case quarter = 90
        case half = 180
        case threeQuarters = 270
    }

    package let turn: Turn
    package let isMirrored: Bool

    package static let upright = Orientation()

    package init(turn: Turn = .none, isMirrored: Bool = false) {
        self.turn = turn
        self.isMirrored = isMirrored
    }

    /// Whether what was wide becomes high.
    package var swapsSides: Bool { turn == .quarter || turn == .threeQuarters }
}
