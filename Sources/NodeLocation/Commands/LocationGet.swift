import LinuxIO
import NodeCore

/// `location.get`: where this machine is (node-commands §7).
struct LocationGet: Command {
    static let name: CommandName = "location.get"
    static let summary =
        "Where this machine is: degrees, metres, and how it is known. Takes `desiredAccuracy` (`coarse`, `balanced` or "
        + "`precise`; `balanced`); `timeoutMs` (10000); `maxAgeMs`: a place found no longer ago than that will do."

    struct Output: Encodable, Equatable, Sendable {
        let lat: Double
        let lon: Double
        let accuracyMeters: Double
        let altitudeMeters: Double?
        let speedMps: Double?
        let headingDeg: Double?
        /// ISO 8601, UTC.
        let timestamp: String
        let isPrecise: Bool
        let source: Fix.Source
        let provider: String
    }

    let finder: PlaceFinder

    /// To answer before the asker stops listening.
    private static let moment = Duration.milliseconds(100)

    func run(_ params: LocationParams, in context: InvocationContext) async throws -> Output {
        let left = context.deadline.map { context.timekeeper.now.duration(to: $0) - Self.moment }
        let place = try await finder.place(
            params.accuracy, noOlderThan: params.maxAge, within: min(params.timeout, left ?? params.timeout),
            context.timekeeper)
        return Output(place, params.accuracy)
    }
}

extension LocationGet.Output {
    init(_ place: PlaceFinder.Place, _ accuracy: DesiredAccuracy) {
        let fix = place.fix
        let at = WallClock.text(.universal, at: fix.time)
        timestamp = "\(at.date)T\(at.clock)Z"
        source = fix.source
        provider = place.provider
        guard accuracy != .coarse else {
            // A hundredth of a degree: to the middle of such a field it is less than 800 m. The rest would tell more than that.
            func rounded(_ degrees: Double) -> Double { (degrees * 100).rounded() / 100 }
            lat = rounded(fix.latitude)
            lon = rounded(fix.longitude)
            accuracyMeters = ((fix.accuracy + 800) / 1_000).rounded(.up) * 1_000
            altitudeMeters = nil
            speedMps = nil
            headingDeg = nil
            isPrecise = false
            return
        }
        lat = fix.latitude
        lon = fix.longitude
        accuracyMeters = fix.accuracy
        altitudeMeters = fix.altitude
        speedMps = fix.speed
        headingDeg = fix.heading
        isPrecise = fix.accuracy <= DesiredAccuracy.precise.metres
    }
}
