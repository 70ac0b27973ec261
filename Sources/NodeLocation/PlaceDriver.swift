import LinuxIO

/// One way to know where this machine is: a service that knows, or its owner's word.
package protocol PlaceDriver: Sendable {
    /// As replies and errors have it.
    var name: String { get }

    /// Tells every fix as it comes, until cancelled; then it ends soon. Returns when there are no more, at once where this way
    /// leads nowhere.
    func watch(
        _ accuracy: DesiredAccuracy, _ found: @escaping @Sendable (Fix) -> Void
    ) async throws(LocationError)
}

/// A machine that does not move: the place is its owner's word.
package struct FixedPlace: PlaceDriver, Equatable {
    package let name = "static"
    package let latitude: Double
    package let longitude: Double
    /// In metres, as in `Fix`.
    package let accuracy: Double
    package let altitude: Double?

    package func watch(
        _ accuracy: DesiredAccuracy, _ found: @escaping @Sendable (Fix) -> Void
    ) async throws(LocationError) {
        let fix = Fix(
            latitude: latitude, longitude: longitude, accuracy: self.accuracy, altitude: altitude,
            time: WallClock.milliseconds, source: .unknown)
        // The configuration takes no other places than those on Earth.
        if let fix { found(fix) }
    }
}
