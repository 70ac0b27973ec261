import LinuxIO
import Synchronization

/// Where this machine is, by whichever way knows. They are asked side by side; one that is believed more has a moment to answer
/// before another one's fix is taken, or one that is less accurate than was asked for.
package final class PlaceFinder: Sendable {
    package struct Place: Equatable, Sendable {
        package let fix: Fix
        /// The driver's name.
        package let provider: String
    }

    private struct Known {
        let place: Place
        /// It was found for who wanted it as exactly.
        let accuracy: DesiredAccuracy
        /// When the machine was there.
        let at: ContinuousClock.Instant
    }

    private enum Event: Sendable {
        case found(Int, Fix)
        case ended(Int, LocationError?)
        /// The moment is over, and then the time.
        case late, over
    }

    private static let moment = Duration.seconds(3)

    private let drivers: [any PlaceDriver]
    private let known = Mutex<Known?>(nil)

    /// The drivers in the order in which they are believed.
    package init(_ drivers: [any PlaceDriver]) {
        self.drivers = drivers
    }

    /// Where it was no longer than `age` ago will do, if that is known; nil: nothing of before.
    package func place(
        _ accuracy: DesiredAccuracy, noOlderThan age: Duration?, within limit: Duration, _ timekeeper: any Timekeeper
    ) async throws(LocationError) -> Place {
        if let age, let known = known.withLock({ $0 }), known.accuracy >= accuracy,
            known.at.duration(to: timekeeper.now) <= age
        {
            return known.place
        }
        let place = try await find(accuracy, within: limit, timekeeper)
        // A service may tell of a place that it has known for long.
        let sinceThen = Duration.milliseconds(max(0, WallClock.milliseconds - place.fix.time))
        known.withLock { $0 = Known(place: place, accuracy: accuracy, at: timekeeper.now - sinceThen) }
        return place
    }

    private func find(
        _ accuracy: DesiredAccuracy, within limit: Duration, _ timekeeper: any Timekeeper
    ) async throws(LocationError) -> Place {
        let (events, tell) = AsyncStream.makeStream(of: Event.self)
        let began = timekeeper.now
        let result = await withTaskGroup(of: Void.self) { group -> Result<Place, LocationError> in
            defer { group.cancelAll() }
            for (way, driver) in drivers.enumerated() {
                group.addTask {
                    do throws(LocationError) {
                        try await driver.watch(accuracy) { tell.yield(.found(way, $0)) }
                        tell.yield(.ended(way, nil))
                    } catch { tell.yield(.ended(way, error)) }
                }
            }
            group.addTask {
                do {
                    try await timekeeper.sleep(until: began + min(limit / 2, Self.moment))
                    tell.yield(.late)
                    try await timekeeper.sleep(until: began + limit)
                    tell.yield(.over)
                } catch {}  // cancelled: nobody waits any more
            }
            return await self.result(accuracy, within: limit, events)
        }
        return try result.get()
    }

    private func result(
        _ accuracy: DesiredAccuracy, within limit: Duration, _ events: AsyncStream<Event>
    ) async -> Result<Place, LocationError> {
        var choice = PlaceChoice(among: drivers.count, accuracy)
        var isLate = false
        var next = events.makeAsyncIterator()
        while true {
            if let (way, fix) = choice.answer(isLate: isLate) {
                return .success(Place(fix: fix, provider: drivers[way].name))
            }
            if choice.open.isEmpty { return .failure(choice.failure) }
            switch await next.next() {
            case .found(let way, let fix): choice.found(fix, by: way)
            case .ended(let way, let error): choice.ended(way, error)
            case .late: isLate = true
            case .over: return .failure(.noFix(of: choice.open.map { drivers[$0].name }, within: limit))
            case nil: return .failure(.cancelled)
            }
        }
    }
}
