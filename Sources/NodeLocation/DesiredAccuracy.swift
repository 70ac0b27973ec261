/// How exactly somebody wants to know where a machine is, in the wire's words (node-commands §7).
package enum DesiredAccuracy: String, CaseIterable, Comparable, Sendable {
    case coarse, balanced, precise

    /// A place that is off by more, in metres, is only taken when no better one comes.
    var metres: Double {
        switch self {
        case .coarse: .infinity
        case .balanced: 1_000
        case .precise: 100
        }
    }

    package static func < (left: DesiredAccuracy, right: DesiredAccuracy) -> Bool { left.metres > right.metres }
}
