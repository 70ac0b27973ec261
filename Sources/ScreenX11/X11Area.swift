import NodeScreen

/// A part of all of a server's screens together.
struct X11Area: Equatable, Sendable {
    let columns: Range<Int>
    let rows: Range<Int>

    init(x: Int, y: Int, width: Int, height: Int) {
        columns = x..<x + width
        rows = y..<y + height
    }

    init(_ output: ScreenOutput) {
        self.init(x: output.x, y: output.y, width: output.width, height: output.height)
    }

    static let none = X11Area(x: 0, y: 0, width: 0, height: 0)

    var isEmpty: Bool { columns.isEmpty || rows.isEmpty }

    /// What belongs to both.
    func common(with other: X11Area) -> X11Area {
        X11Area(columns.clamped(to: other.columns), rows.clamped(to: other.rows))
    }

    /// The smallest that has both in it.
    func joined(with other: X11Area) -> X11Area {
        if isEmpty { return other }
        if other.isEmpty { return self }
        return X11Area(
            min(columns.lowerBound, other.columns.lowerBound)..<max(columns.upperBound, other.columns.upperBound),
            min(rows.lowerBound, other.rows.lowerBound)..<max(rows.upperBound, other.rows.upperBound))
    }

    private init(_ columns: Range<Int>, _ rows: Range<Int>) {
        self.columns = columns
        self.rows = rows
    }
}

extension X11Request {
    mutating func add(_ area: X11Area) {
        add(Int16(truncatingIfNeeded: area.columns.lowerBound))
        add(Int16(truncatingIfNeeded: area.rows.lowerBound))
        add(UInt16(truncatingIfNeeded: area.columns.count))
        add(UInt16(truncatingIfNeeded: area.rows.count))
    }
}
