/// What may be said under one key. Whoever asks a section for it declares it by asking; the reference is made of what was asked.
package struct ConfigurationKey: Equatable, Sendable {
    package enum Kind: Equatable, Sendable {
        case bool, string, strings, object
        case choice([String])
        case integer(ClosedRange<Int>)
        case number(ClosedRange<Double>)

        /// After "must be", and beside the key in the reference.
        package var words: String {
            switch self {
            case .bool: "true or false"
            case .string: "a string with something in it"
            case .strings: "a list of strings"
            case .object: "an object"
            case .choice(let choices): "one of " + choices.map { "\"\($0)\"" }.joined(separator: ", ")
            case .integer(let range): "an integer from \(range.lowerBound) to \(range.upperBound)"
            case .number(let range): "a number from \(Self.text(range.lowerBound)) to \(Self.text(range.upperBound))"
            }
        }

        /// As a person writes it: 5 and not 5.0.
        static func text(_ number: Double) -> String {
            Int(exactly: number).map { "\($0)" } ?? "\(number)"
        }
    }

    /// From the top, with dots: `camera.keepWarmSeconds`.
    package let path: String
    package let kind: Kind
    /// What holds when nobody says anything, as JSON; nil where nothing does.
    package let standard: String?
    /// A sentence for the owner; empty where the key is only asked for again.
    package let help: String
}
