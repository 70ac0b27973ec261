import NodeTesting

extension Footage {
    private static let (row, lastBox) = (660, 1_192)

    /// Of each frame, what the pattern camera's box says is its number, of those of five seconds.
    private var numbers: [Int] {
        get async throws { try await light(ofRows: Self.row..<Self.row + 1).map(Self.number) }
    }

    /// Whether each frame is the pattern camera's that was to be seen at its time; nil when it is, else what was seen.
    var lateness: String? {
        get async throws {
            let numbers = try await numbers
            guard let first = times.first, let start = numbers.first, times.count == numbers.count else {
                return "\(times.count) times, \(numbers.count) pictures"
            }
            let isInTime = zip(times, numbers).allSatisfy { time, number in
                (start + Int(((time - first) * 30).rounded())) % 150 == number
            }
            return isInTime ? nil : "\(times) \(numbers)"
        }
    }

    /// The box is black within white, and eight pixels further in each frame.
    private static func number(in row: [UInt8]) -> Int {
        func likeness(_ left: Int) -> Int {
            (0..<80).reduce(0) { sum, x in
                let isWhite = x < 20 || x >= 60
                return sum + (isWhite ? Int(row[left + x]) : 255 - Int(row[left + x]))
            }
        }
        let lefts = Array(stride(from: 0, through: lastBox, by: 8))
        return (lefts.max { likeness($0) < likeness($1) } ?? 0) / 8
    }
}
