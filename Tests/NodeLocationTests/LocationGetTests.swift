import LinuxIO
import NodeCore
import NodeTesting
import Testing

@testable import NodeLocation

@Suite(.timeLimit(.minutes(5))) struct LocationGetTests {
    private func params(_ json: String) throws(JSONFailure) -> LocationParams {
        try JSON.decode(LocationParams.self, from: Array(json.utf8))
    }

    private func text(_ output: LocationGet.Output) throws -> String {
        String(decoding: try JSON.encode(output), as: UTF8.self)
    }

    private static let place = PlaceFinder.Place(fix: .sample(), provider: "gpsd")

    @Test("numbers out of range move to the nearest bound, and what was not said is what it usually is") func params()
        throws
    {
        let usual = try params("{}")
        #expect(usual.accuracy == .balanced && usual.timeout == .seconds(10) && usual.maxAge == nil)
        for (said, meant) in [("0", 1_000), ("-5", 1_000), ("1500.7", 1_500), ("1e300", 60_000)] {
            #expect(try params("{\"timeoutMs\": \(said)}").timeout == .milliseconds(meant))
        }
        #expect(try params("{\"maxAgeMs\": -1, \"more\": []}").maxAge == .zero)
        #expect(try params("{\"maxAgeMs\": 1e300}").maxAge == .milliseconds(3_200_000_000_000))
        for accuracy in DesiredAccuracy.allCases {
            #expect(try params("{\"desiredAccuracy\": \"\(accuracy.rawValue)\"}").accuracy == accuracy)
        }
    }

    @Test(
        "what is no number or no accuracy is an error that says so",
        arguments: [
            ("{\"timeoutMs\": \"10\"}", "timeoutMs must be a number"),
            ("{\"maxAgeMs\": true}", "maxAgeMs must be a number"),
            ("{\"desiredAccuracy\": \"fine\"}", "desiredAccuracy: must be one of coarse, balanced, precise"),
        ])
    func wrong(_ json: String, _ words: String) {
        do throws(JSONFailure) {
            _ = try params(json)
            Issue.record("it was understood")
        } catch { #expect("\(error)" == words) }
    }

    @Test("all that is known is told, and nothing of what is not") func output() throws {
        let whole = try text(LocationGet.Output(Self.place, .balanced))
        #expect(
            whole == #"{"accuracyMeters":10,"altitudeMeters":519.4,"headingDeg":84.4,"isPrecise":true,"lat":48.13743,"#
                + #""lon":11.57549,"provider":"gpsd","source":"gps","speedMps":1.5,"timestamp":"2026-11-22T07:14:25.630Z"}"#
        )
        let bare = Fix(latitude: -1, longitude: 2, accuracy: 101, time: 0, source: .wifi)
        let place = PlaceFinder.Place(fix: try #require(bare), provider: "geoclue")
        #expect(
            try text(LocationGet.Output(place, .precise))
                == #"{"accuracyMeters":101,"isPrecise":false,"lat":-1,"lon":2,"provider":"geoclue","source":"wifi","#
                + #""timestamp":"1970-01-01T00:00:00.000Z"}"#)
    }

    @Test("who asks for coarse learns where it is to a kilometre, and nothing beside") func coarse() throws {
        #expect(
            try text(LocationGet.Output(Self.place, .coarse))
                == #"{"accuracyMeters":1000,"isPrecise":false,"lat":48.14,"lon":11.58,"provider":"gpsd","source":"gps","#
                + #""timestamp":"2026-11-22T07:14:25.630Z"}"#)
        let far = PlaceFinder.Place(fix: .sample(accuracy: 1_300), provider: "geoclue")
        #expect(LocationGet.Output(far, .coarse).accuracyMeters == 3_000)
    }

    @Test("no longer is waited than the asker listens, so that it hears why") func deadline() async throws {
        let clock = HandClock()
        let command = LocationGet(finder: PlaceFinder([StandInDriver("slow")]))
        let context = InvocationContext.test(clock, deadline: clock.now + .seconds(5))
        let end = clock.now + .milliseconds(4_900)
        let params = try params("{}")
        let output = Task { try await command.run(params, in: context) }
        await clock.sleeper(at: clock.now + .milliseconds(2_450))
        clock.advance(by: .milliseconds(2_450))
        await clock.sleeper(at: end)
        clock.advance(by: .milliseconds(2_450))
        await #expect(throws: LocationError.noFix(of: ["slow"], within: .milliseconds(4_900))) {
            try await output.value
        }
    }

    @Test("every refusal has its code and says what to do") func refusals() {
        let errors: [(LocationError, String)] = [
            (
                .noFix(of: ["gpsd", "geoclue"], within: .seconds(10)),
                "LOCATION_TIMEOUT: no fix from gpsd and geoclue within 10000 ms; "
            ),
            (
                .permission("not for us", remedy: "do this"),
                "LOCATION_PERMISSION_REQUIRED: not for us; on the node's machine: do this"
            ),
            (.unavailable("broken", remedy: "do that"), "LOCATION_UNAVAILABLE: broken; on the node's machine: do that"),
            (
                .nowhere,
                "LOCATION_UNAVAILABLE: nothing knows where this machine is; on the node's machine: sudo apt install gpsd"
            ),
            (.cancelled, "UNAVAILABLE: CANCELLED"),
        ]
        for (error, words) in errors { #expect(error.refusal.wireMessage.hasPrefix(words)) }
    }

    @Test("what is no place on Earth is none, and what is no measure is left out") func fixes() {
        func fix(_ latitude: Double, _ longitude: Double, _ accuracy: Double, _ other: Double = -.infinity) -> Fix? {
            Fix(
                latitude: latitude, longitude: longitude, accuracy: accuracy, altitude: other, speed: other,
                heading: other, time: -5, source: .gps)
        }
        for (latitude, longitude, accuracy) in [
            (91, 0, 1), (0, 181, 1), (0, 0, -1), (.nan, 0, 1), (0, .nan, 1), (0, 0, .nan), (0, 0, .infinity),
        ] as [(Double, Double, Double)] {
            #expect(fix(latitude, longitude, accuracy) == nil)
        }
        let pole = fix(90, -180, 0)
        #expect(pole?.altitude == nil && pole?.speed == nil && pole?.heading == nil && pole?.time == 0)
        #expect(fix(90, -180, 0, 7)?.heading == 7)
    }
}
