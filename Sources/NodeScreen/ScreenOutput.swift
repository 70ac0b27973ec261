import NodeMedia

/// A screen, as the session that it belongs to describes it.
package struct ScreenOutput: Equatable, Sendable {
    /// Of its connector, where it has one: `HDMI-1`.
    package let name: String
    /// Where its upper left corner is among the session's screens.
    package let x: Int
    package let y: Int
    /// In pixels, as its pictures have them.
    package let width: Int
    package let height: Int
    /// The one that the session's owner calls so.
    package let isMain: Bool
    /// How many pixels make a unit of what is pointed at.
    package let scale: Double
    /// How it hangs; its pictures are upright already.
    package let turn: Orientation.Turn

    package init(
        name: String, x: Int = 0, y: Int = 0, width: Int, height: Int, isMain: Bool = false, scale: Double = 1,
        turn: Orientation.Turn = .none
    ) {
        self.name = name
        self.x = x
        self.y = y
        self.width = width
        self.height = height
        self.isMain = isMain
        self.scale = scale
        self.turn = turn
    }
}

extension ScreenOutput {
    /// The order of connectors: by name, where numbers count as such. It is the same after every start.
    static func precedes(_ left: ScreenOutput, _ right: ScreenOutput) -> Bool {
        var (left, right) = (left.name[...], right.name[...])
        while let first = left.first, let second = right.first {
            if let (one, other) = numbers(&left, &right) {
                if one != other { return one < other }
            } else {
                if first != second { return first < second }
                left = left.dropFirst()
                right = right.dropFirst()
            }
        }
        return left.count < right.count
    }

    /// Those that both begin with are taken off; nil where one begins with none.
    private static func numbers(_ left: inout Substring, _ right: inout Substring) -> (Int, Int)? {
        let digits = (left.prefix(while: \.isASCIIDigit), right.prefix(while: \.isASCIIDigit))
        guard let one = Int(digits.0), let other = Int(digits.1) else { return nil }
        left = left.dropFirst(digits.0.count)
        right = right.dropFirst(digits.1.count)
        return (one, other)
    }
}

extension Character {
    fileprivate var isASCIIDigit: Bool { self >= "0" && self <= "9" }
}
