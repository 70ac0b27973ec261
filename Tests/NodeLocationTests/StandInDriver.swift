import LinuxIO
import NodeCore
import NodeTesting

@testable import NodeLocation

/// A way to know where the machine is that says what it is told to, and when.
final class StandInDriver: PlaceDriver {
    let name: String
    private let fixes: AsyncStream<Fix>
    private let teller: AsyncStream<Fix>.Continuation
    private let error: LocationError?
    /// Fires once somebody watches, and once nobody does any more.
    let isWatched = OneShot()
    let isLeft = OneShot()

    /// `error`: why it ends, when it ends.
    init(_ name: String, endingWith error: LocationError? = nil) {
        self.name = name
        self.error = error
        (fixes, teller) = AsyncStream.makeStream(of: Fix.self)
    }

    func tell(_ fix: Fix) { teller.yield(fix) }

    func end() { teller.finish() }

    func watch(
        _ accuracy: DesiredAccuracy, _ found: @escaping @Sendable (Fix) -> Void
    ) async throws(LocationError) {
        isWatched.fire()
        defer { isLeft.fire() }
        for await fix in fixes { found(fix) }
        if Task.isCancelled { throw .cancelled }
        if let error { throw error }
    }
}

extension Fix {
    /// 2026-11-22T07:14:25.630Z, in Munich.
    static func sample(
        accuracy: Double = 10, latitude: Double = 48.13743, time: Int = 1_795_331_665_630
    ) -> Fix {
        Fix(
            latitude: latitude, longitude: 11.57549, accuracy: accuracy, altitude: 519.4, speed: 1.5, heading: 84.4,
            time: time, source: .gps)!
    }
}

extension InvocationContext {
    static func test(_ timekeeper: any Timekeeper, deadline: ContinuousClock.Instant? = nil) -> InvocationContext {
        InvocationContext(id: "1", deadline: deadline, payloadLimit: 1 << 20, timekeeper: timekeeper, log: .silent)
    }
}
