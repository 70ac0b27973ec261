import DBus
import LinuxIO
import NodeCore
import NodeTesting
import Testing

@testable import NodeLocation
@testable import PlaceGeoClue

/// With a stand-in that does what GeoClue does only on machines with Wi-Fi, or when it is in a mood. `LocationTests` has GeoClue itself.
@Suite(.timeLimit(.minutes(5))) struct GeoClueDriverTests {
    private static let munich = #""Latitude": 48.1374, "Longitude": 11.5755"#
    private static let unknown = #""Altitude": -1.7976931348623157e308, "Speed": -1, "Heading": -1"#
    private static let template =
        "/" + #filePath.split(separator: "/").dropLast(2).joined(separator: "/") + "/Peers/geoclue.py"

    /// What is found beside a GeoClue with these parameters, or why nothing is.
    private func outcome(
        _ parameters: String, _ accuracy: DesiredAccuracy = .precise, patience: Duration = .seconds(100)
    ) async throws -> Result<Fix, LocationError> {
        try await onEventLoop { loop in
            let bus = try PrivateBus(on: loop)
            try await bus.start()
            let service: ChildProcess = try await Bus.with(BusAddress(socket: bus.socket), on: loop) { connection in
                var owners = try await connection.signals(
                    SignalRule(sender: Bus.name, interface: Bus.name, member: "NameOwnerChanged")
                ).makeAsyncIterator()
                let service = try bus.mock(["-t", Self.template, "-p", parameters])
                while await owners.next()?.body.first?.text != "org.freedesktop.GeoClue2" {}
                return service
            }
            let driver = GeoClueDriver(variables: bus.variables, patience: patience, on: loop)
            let finder = PlaceFinder([driver])
            var outcome: Result<Fix, LocationError>
            do throws(LocationError) {
                outcome = .success(try await finder.place(accuracy, noOlderThan: nil, within: .seconds(100), loop).fix)
            } catch { outcome = .failure(error) }
            await service.end()
            return outcome
        }
    }

    @Test(
        "a place is by satellites where its height is known, by Wi-Fi where it is near enough, else by whatever",
        arguments: [(80.0, Fix.Source.wifi), (1_000, .wifi), (25_000, .unknown)] as [(Double, Fix.Source)])
    func sources(_ accuracy: Double, _ source: Fix.Source) async throws {
        let fix = try await outcome(
            #"{"place": {\#(Self.munich), \#(Self.unknown), "Accuracy": \#(accuracy)}}"#
        ).get()
        let expected = Fix(
            latitude: 48.1374, longitude: 11.5755, accuracy: accuracy, time: 1_795_331_540_000, source: source)
        #expect(fix == expected)
    }

    @Test("what it knows beside the place is told, and that it is exact is not believed") func satellites() async throws
    {
        let fix = try await outcome(
            #"{"place": {\#(Self.munich), "Accuracy": 0, "Altitude": 519.4, "Speed": 1.5, "Heading": 84}}"#
        ).get()
        let expected = Fix(
            latitude: 48.1374, longitude: 11.5755, accuracy: 5, altitude: 519.4, speed: 1.5, heading: 84,
            time: 1_795_331_540_000, source: .gps)
        #expect(fix == expected)
    }

    @Test("what cannot be a time is none", arguments: ["-9223372036854775808", "9223372036854775807"])
    func time(_ seconds: String) async throws {
        let fix = try await outcome(#"{"seconds": "\#(seconds)", "place": {\#(Self.munich), "Accuracy": 90}}"#).get()
        #expect(WallClock.isPlausible(fix.time))
    }

    @Test(
        "it is asked as exactly as was asked for",
        arguments: [(DesiredAccuracy.coarse, 4), (.balanced, 6), (.precise, 8)] as [(DesiredAccuracy, Int)])
    func levels(_ accuracy: DesiredAccuracy, _ level: Int) async throws {
        let place = #"{\#(Self.munich), \#(Self.unknown), "Accuracy": 90}"#
        let fix = try await outcome(#"{"level": \#(level), "place": \#(place)}"#, accuracy).get()
        #expect(fix.accuracy == 90)
    }

    @Test(
        "who is refused, or not answered for want of an agent, is told what lets it in",
        arguments: ["denied", "unstartable", "silent"])
    func refused(_ mood: String) async throws {
        let patience = Duration.milliseconds(mood == "silent" ? 50 : 100_000)
        let outcome = try await outcome(#"{"mood": "\#(mood)"}"#, patience: patience)
        guard case .failure(.permission(let problem, let remedy)) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        let user = User.own.name
        #expect(problem == "GeoClue serves \(user) only where an agent speaks for \(user)")
        #expect(remedy.hasSuffix("/usr/libexec/geoclue-2.0/demos/agent"))
    }

    @Test("one that does not do as GeoClue does is told of in its words") func strange() async throws {
        let outcome = try await outcome(#"{"mood": "strange"}"#)
        guard case .failure(.unavailable(let problem, "systemctl status geoclue")) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(problem.hasPrefix("GeoClue: "))
    }

    @Test("without a bus, or without GeoClue on it, there is none") func absent() async throws {
        try await onEventLoop { loop in
            let bus = try PrivateBus(on: loop)
            let finder = PlaceFinder([GeoClueDriver(variables: bus.variables, on: loop)])
            for isThere in [false, true] {
                if isThere { try await bus.start() }
                await #expect(throws: LocationError.nowhere) {
                    try await finder.place(.coarse, noOlderThan: nil, within: .seconds(100), loop)
                }
            }
        }
    }
}
