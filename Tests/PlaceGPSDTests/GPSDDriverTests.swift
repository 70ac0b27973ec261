import Glibc
import LinuxIO
import NodeCore
import NodeTesting
import Testing

@testable import NodeLocation
@testable import PlaceGPSD

/// With Debian's gpsd, and with others that listen in its place.
@Suite(.timeLimit(.minutes(5))) struct GPSDDriverTests {
    private static let greeting = Array("{\"class\":\"VERSION\",\"release\":\"3.22\"}\r\n".utf8)

    private func ask(
        _ port: UInt16, _ accuracy: DesiredAccuracy = .precise, within limit: Duration = .seconds(100),
        by timekeeper: (any Timekeeper)? = nil, on loop: EventLoop
    ) async throws -> PlaceFinder.Place {
        let driver = GPSDDriver(LocationConfiguration.Server(host: "127.0.0.1", port: port), on: loop)
        return try await PlaceFinder([driver]).place(
            accuracy, noOlderThan: nil, within: limit, timekeeper ?? loop)
    }

    @Test(
        "gpsd tells where its receiver is, in each quarter of the world",
        arguments: [(48.1374, 11.5755), (-33.8568, 151.2153), (40.6892, -74.0445), (-22.9519, -43.2105)]
            as [(Double, Double)])
    func found(_ latitude: Double, _ longitude: Double) async throws {
        try await onEventLoop { loop in
            try await GPSDaemon.run(at: (latitude, longitude), on: loop) { gpsd in
                let place = try await ask(gpsd.port, on: loop)
                #expect(abs(place.fix.latitude - latitude) < 1e-5 && abs(place.fix.longitude - longitude) < 1e-5)
                #expect(place.provider == "gpsd" && place.fix.source == .gps)
                #expect((1..<100).contains(place.fix.accuracy))
                let altitude = try #require(place.fix.altitude)
                #expect(abs(altitude - 519.4) < 0.1)
                #expect(abs(place.fix.time - WallClock.milliseconds) < 3_600_000)
            }
        }
    }

    @Test("without satellites it is asked until there are some") func later() async throws {
        try await onEventLoop { loop in
            try await GPSDaemon.run(at: nil, on: loop) { gpsd in
                async let place = ask(gpsd.port, on: loop)
                try await gpsd.isListened.fired()
                gpsd.move(to: (48.1374, 11.5755))
                #expect(abs(try await place.fix.latitude - 48.1374) < 1e-5)
                // It knows another place as soon as its receiver does.
                gpsd.move(to: nil)
                try await gpsd.saysNothing(on: loop)
                async let next = ask(gpsd.port, on: loop)
                gpsd.move(to: (-33.8568, 151.2153))
                #expect(abs(try await next.fix.latitude + 33.8568) < 1e-5)
            }
        }
    }

    @Test("when gpsd dies, who asks is told at once") func dies() async throws {
        try await onEventLoop { loop in
            try await GPSDaemon.run(at: nil, on: loop) { gpsd in
                let place = Task { try await ask(gpsd.port, on: loop) }
                try await gpsd.isListened.fired()
                gpsd.process.signal(SIGKILL)
                let error = await Self.error { _ = try await place.value }
                guard case .unavailable(let words, let remedy)? = error else { throw Errno(EINVAL) }
                #expect(words.hasPrefix("gpsd at 127.0.0.1:\(gpsd.port) ") && remedy == "systemctl status gpsd")
            }
        }
    }

    @Test("where nobody listens on this machine there is none, and elsewhere one is missing") func absent() async throws
    {
        let port = try HeldPort()
        let nobody = await Self.error {
            _ = try await onEventLoop { loop in try await ask(port.number, on: loop) }
        }
        #expect(nobody == .nowhere)
        let nameless = await Self.error {
            try await onEventLoop { loop in
                let server = LocationConfiguration.Server(host: "roof.invalid", port: 1)
                try await GPSDDriver(server, on: loop).watch(.coarse) { _ in }
            }
        }
        guard case .unavailable(let words, _)? = nameless else { throw Errno(EINVAL) }
        #expect(words.hasPrefix("gpsd at roof.invalid:1 has no address: "))
    }

    @Test(
        "who does not greet as gpsd does, or says too much at once, is not gpsd, and one without receivers says so",
        arguments: [
            ("HTTP/1.1 400 Bad Request\r\n\r\n", "is not gpsd"), ("{\"class\":\"TPV\"}\n", "is not gpsd"),
            ("\u{0}\u{ff}\n", "is not gpsd"),
            ("{\"class\":\"VERSION\"}\n{\"class\":\"DEVICES\",\"devices\":[]}\n", "has no receiver"),
            ("{\"class\":\"VERSION\"}\n", "has ended the connection"), ("", "has ended the connection"),
        ])
    func strangers(_ words: String, _ problem: String) async throws {
        let error = try await error(said: Array(words.utf8))
        guard case .unavailable(let told, _)? = error else { throw Errno(EINVAL) }
        #expect(told.hasSuffix(problem))
    }

    @Test("a line without end is read no further than one of gpsd's could be") func endless() async throws {
        let error = try await error(said: Self.greeting + [UInt8](repeating: 0x20, count: 4 << 20))
        guard case .unavailable(let told, _)? = error else { throw Errno(EINVAL) }
        #expect(told.hasSuffix("is not gpsd"))
    }

    @Test(
        "one that says nothing, and one that never stops, are waited for as long as was said", arguments: [false, true])
    func unending(_ isLoud: Bool) async throws {
        try await onEventLoop { loop in
            let listener = try TCPListener(address: .loopback(port: 0), on: loop)
            let (clock, isThere) = (HandClock(), OneShot())
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    let peer = try await listener.accept()
                    if isLoud { try await peer.say(Self.greeting) }
                    isThere.fire()
                    let line = Array("{\"class\":\"SKY\"}\n".utf8)
                    while isLoud { try await peer.say(line) }
                    try await OneShot().fired()
                }
                let place = Task { try await ask(listener.port, within: .seconds(10), by: clock, on: loop) }
                try await isThere.fired()
                let began = clock.now
                await clock.sleeper(at: began + .seconds(3))
                clock.advance(by: .seconds(3))
                await clock.sleeper(at: began + .seconds(10))
                clock.advance(by: .seconds(7))
                let error = await Self.error { _ = try await place.value }
                #expect(error == .noFix(of: ["gpsd"], within: .seconds(10)))
                group.cancelAll()
            }
        }
    }

    @Test("who asks no more hangs up") func cancelled() async throws {
        try await onEventLoop { loop in
            let listener = try TCPListener(address: .loopback(port: 0), on: loop)
            let task = Task { try await ask(listener.port, on: loop) }
            let peer = try await listener.accept()
            let question = String(decoding: try await peer.next(), as: UTF8.self)
            #expect(question.hasPrefix("?WATCH={"))
            task.cancel()
            let error = await Self.error { _ = try await task.value }
            #expect(error == .cancelled)
            #expect(try await peer.next().isEmpty)
        }
    }

    /// What comes of one who says `bytes` to whoever comes, and hangs up.
    private func error(said bytes: [UInt8]) async throws -> LocationError? {
        try await onEventLoop { loop in
            let listener = try TCPListener(address: .loopback(port: 0), on: loop)
            return await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    let peer = try await listener.accept()
                    // Who does not listen to the end has heard enough.
                    try? await peer.say(bytes)
                    peer.shutdownWrite()
                    while try await !peer.next().isEmpty {}
                }
                let error = await Self.error { _ = try await ask(listener.port, on: loop) }
                group.cancelAll()
                return error
            }
        }
    }

    private static func error(_ body: () async throws -> Void) async -> LocationError? {
        do { try await body() } catch { return error as? LocationError }
        return nil
    }
}

extension StreamSocket {
    fileprivate func say(_ bytes: [UInt8]) async throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            if let count = try rest.withUnsafeBytes({ try write($0) }) {
                rest = rest.dropFirst(count)
                await Task.yield()
            } else {
                _ = try await wait(for: .write)
            }
        }
    }
}

extension GPSDaemon {
    /// Returns once gpsd itself tells that there are no satellites.
    fileprivate func saysNothing(on loop: EventLoop) async throws {
        let socket = try await StreamSocket.connect(to: .loopback(port: port), on: loop)
        defer { socket.close() }
        let question = Array("?WATCH={\"enable\":true,\"json\":true};\n".utf8)
        _ = try question.withUnsafeBytes { try socket.write($0) }
        var lines = GPSDLines()
        while true {
            for line in lines.take(try await socket.next()) ?? [] {
                let text = String(decoding: line, as: UTF8.self)
                if text.contains("\"TPV\"") && text.contains("\"mode\":1") { return }
            }
        }
    }
}
