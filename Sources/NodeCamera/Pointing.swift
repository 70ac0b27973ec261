/// How a camera can be pointed and where it points now (node-commands §4.4).
package struct Pointing: Encodable, Equatable, Sendable {
    package enum Direction: String, CaseIterable, Sendable {
        case pan, tilt, zoom

        package var unit: String { self == .zoom ? "percent" : "degrees" }

        /// What a value for it is called in params.
        var parameter: String { self == .zoom ? "zoomPercent" : "\(self)Degrees" }
    }

    /// One direction that the camera moves in, in its unit.
    package struct Axis: Encodable, Equatable, Sendable {
        package let current: Double
        package let min: Double
        package let max: Double
        package let step: Double
        package let unit: String
        package let canSet: Bool
        package let canMove: Bool
        package let `default`: Double

        package init(
            _ direction: Direction, current: Double, min: Double, max: Double, step: Double, canSet: Bool,
            default home: Double
        ) {
            self.current = current
            self.min = min
            self.max = max
            self.step = step
            unit = direction.unit
            self.canSet = canSet
            // By setting what it comes to.
            canMove = canSet
            self.default = home
        }
    }

    private let axes: [String: Axis]
    let canHome: Bool

    /// Nil without any axis.
    package init?(_ axes: [Direction: Axis]) {
        guard !axes.isEmpty else { return nil }
        self.axes = Dictionary(uniqueKeysWithValues: axes.map { ($0.rawValue, $1) })
        canHome = axes.values.contains(where: \.canSet)
    }

    package subscript(direction: Direction) -> Axis? { axes[direction.rawValue] }
}

/// Where to point a camera, worked out from where it points now: within its ranges.
struct PointingPlan: Equatable {
    private(set) var targets: [Pointing.Direction: Double] = [:]
    /// What was asked for beyond a range, by the name it was asked by, with what it becomes.
    private(set) var adjusted: [String: Double] = [:]

    /// `camera` is for the refusal of an axis that is not there or cannot be moved.
    init(_ operation: CameraPTZControlParams.Operation, from pointing: Pointing, camera: String) throws(CameraError) {
        let (values, isRelative) = operation.values
        for direction in Pointing.Direction.allCases {
            guard let value = values[direction] else { continue }
            guard let axis = pointing[direction], axis.canSet else { throw .axisUnsupported(camera, direction) }
            let wanted = isRelative ? axis.current + value : value
            let target = Swift.min(Swift.max(wanted, axis.min), axis.max)
            targets[direction] = target
            if target != wanted { adjusted[direction.parameter] = target }
        }
    }
}
