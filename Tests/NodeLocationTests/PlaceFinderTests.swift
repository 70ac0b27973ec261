import LinuxIO
import NodeCore
import NodeTesting
import Synchronization
import Testing

@testable import NodeLocation

@Suite(.timeLimit(.minutes(5))) struct PlaceFinderTests {
    private let clock = HandClock()
    private let first = StandInDriver("first", endingWith: .unavailable("it broke", remedy: "mend it"))
    private let second = StandInDriver("second")

    private var finder: PlaceFinder { PlaceFinder([first, second]) }

    private func find(_ accuracy: DesiredAccuracy = .balanced, _ seconds: Int = 10) async throws -> PlaceFinder.Place {
        try await finder.place(accuracy, noOlderThan: nil, within: .seconds(seconds), clock)
    }

    @Test("the better way is asked beside the other, and both are left when it answers") func better() async throws {
        async let place = find()
        try await first.isWatched.fired()
        try await second.isWatched.fired()
        second.tell(.sample(latitude: 2))
        first.tell(.sample(latitude: 1))
        #expect(try await place == PlaceFinder.Place(fix: .sample(latitude: 1), provider: "first"))
        try await first.isLeft.fired()
        try await second.isLeft.fired()
    }

    @Test(
        "one that is there and finds nothing does not keep the other's fix from who asks", arguments: [(10, 3), (4, 2)])
    func moment(_ limit: Int, _ moment: Int) async throws {
        let began = clock.now
        async let place = find(.balanced, limit)
        second.tell(.sample())
        await clock.sleeper(until: began + .seconds(moment))
        clock.advance(by: .seconds(moment))
        #expect(try await place.provider == "second")
    }

    @Test("one that breaks is not waited for") func broken() async throws {
        async let place = find()
        second.tell(.sample())
        first.end()
        #expect(try await place.provider == "second")
    }

    @Test("when time is over, those that were waited for are named") func over() async throws {
        let began = clock.now
        let place = Task { try await find() }
        await clock.sleeper(at: began + .seconds(3))
        clock.advance(by: .seconds(3))
        await clock.sleeper(at: began + .seconds(10))
        clock.advance(by: .seconds(7))
        await #expect(throws: LocationError.noFix(of: ["first", "second"], within: .seconds(10))) {
            try await place.value
        }
    }

    @Test("when all have ended, the reason is told at once, and without any way too") func ended() async throws {
        first.end()
        second.end()
        await #expect(throws: LocationError.unavailable("it broke", remedy: "mend it")) { try await find() }
        await #expect(throws: LocationError.nowhere) {
            try await PlaceFinder([]).place(.coarse, noOlderThan: nil, within: .seconds(1), clock)
        }
    }

    @Test("who asks no more is waited for by nobody") func cancelled() async throws {
        let task = Task { try await find() }
        try await first.isWatched.fired()
        task.cancel()
        await #expect(throws: LocationError.cancelled) { try await task.value }
        try await first.isLeft.fired()
        try await second.isLeft.fired()
    }

    @Test("a known place will do for as long as is said, and for who wants it no more exactly") func known()
        async throws
    {
        let (finder, clock) = (PlaceFinder([FixedPlace.sample]), clock)
        func place(_ accuracy: DesiredAccuracy, _ age: Duration?) async throws -> PlaceFinder.Place {
            try await finder.place(accuracy, noOlderThan: age, within: .seconds(10), clock)
        }
        let known = try await place(.balanced, nil)
        #expect(known.provider == "static" && known.fix.source == .unknown && known.fix.latitude == 48.14)
        clock.advance(by: .seconds(5))
        #expect(try await place(.balanced, .seconds(60)) == known)
        #expect(try await place(.coarse, .seconds(60)) == known)
        // It takes the time of the answer, so another one shows by it.
        await waitUntilLater(than: known.fix.time)
        #expect(try await place(.precise, .seconds(60)) != known)
        let newer = try await place(.precise, .seconds(60))
        clock.advance(by: .seconds(6))
        await waitUntilLater(than: newer.fix.time)
        #expect(try await place(.precise, .seconds(5)) != newer)
        #expect(try await place(.precise, nil) != newer)
    }

    @Test("a place that was known for long when it was told of is as old as that") func old() async throws {
        let driver = LateDriver()
        let (finder, clock) = (PlaceFinder([driver]), clock)
        for asked in [1, 2, 2] {
            let place = try await finder.place(.balanced, noOlderThan: .seconds(60), within: .seconds(10), clock)
            #expect(place.fix.latitude == Double(asked))
        }
    }

    private func waitUntilLater(than time: Int) async {
        while WallClock.milliseconds <= time { await Task.yield() }
    }
}

/// Tells how often it was asked, as degrees: at first of what it has known for a minute and a half.
private final class LateDriver: PlaceDriver {
    let name = "late"
    private let asked = Mutex(0)

    func watch(
        _ accuracy: DesiredAccuracy, _ found: @escaping @Sendable (Fix) -> Void
    ) async throws(LocationError) {
        let number = asked.withLock { asked in
            asked += 1
            return asked
        }
        let age = number == 1 ? 90_000 : 0
        found(.sample(latitude: Double(number), time: WallClock.milliseconds - age))
    }
}

extension FixedPlace {
    static let sample = FixedPlace(latitude: 48.14, longitude: 11.58, accuracy: 50, altitude: 520)
}
