/// Which of several ways' fixes is the answer. The ways stand in the order in which they are believed.
struct PlaceChoice {
    private struct Way {
        /// The most accurate of its fixes.
        var fix: Fix?
        var isOpen = true
        var error: LocationError?
    }

    private let accuracy: DesiredAccuracy
    private var ways: [Way]

    init(among count: Int, _ accuracy: DesiredAccuracy) {
        self.accuracy = accuracy
        ways = [Way](repeating: Way(), count: count)
    }

    mutating func found(_ fix: Fix, by way: Int) {
        if let known = ways[way].fix, known.accuracy < fix.accuracy { return }
        ways[way].fix = fix
    }

    mutating func ended(_ way: Int, _ error: LocationError?) {
        ways[way].isOpen = false
        ways[way].error = error
    }

    /// Nil while waiting may bring a better one; `isLate` when nobody waits for that any more.
    func answer(isLate: Bool) -> (way: Int, fix: Fix)? {
        for (number, way) in ways.enumerated() {
            if let fix = way.fix, fix.accuracy <= accuracy.metres { return (number, fix) }
            if way.isOpen && !isLate { return nil }
        }
        let found = ways.enumerated().compactMap { number, way in way.fix.map { (way: number, fix: $0) } }
        return found.min { $0.fix.accuracy < $1.fix.accuracy }
    }

    /// Those that may still find something.
    var open: [Int] { ways.indices.filter { ways[$0].isOpen } }

    /// Why there is no answer, once none is open: a right that is missing is easier given than a thing.
    var failure: LocationError {
        let errors = ways.compactMap(\.error)
        return errors.first { if case .permission = $0 { true } else { false } } ?? errors.first ?? .nowhere
    }
}
