import LinuxIO
import NodeCore
import NodeMedia
import NodeTesting
import Testing

@testable import NodeScreen

@Suite("Warm screen", .timeLimit(.minutes(1)))
struct WarmScreenTests {
    private let clock = HandClock()
    private let driver = DrawnDriver(shown: [
        ScreenOutput(name: "HDMI-1", width: 64, height: 48), ScreenOutput(name: "HDMI-2", width: 32, height: 24),
    ])

    @Test("who looks again soon looks at the same screen, of which nothing is opened") func again() async throws {
        let warm = WarmScreen(drivers: [driver], timekeeper: clock)
        for _ in 0..<3 {
            let sight = try await warm.look(at: 1)
            #expect(sight.output == driver.shown[1] && sight.image.width == 32)
        }
        #expect(driver.screen.opened == ["HDMI-2"] && driver.screen.pictures == 3)
    }

    @Test("another screen is opened in its place") func another() async throws {
        let warm = WarmScreen(drivers: [driver], timekeeper: clock)
        for index in [0, 1, 1, 0] { #expect(try await warm.look(at: index).output == driver.shown[index]) }
        #expect(driver.screen.opened == ["HDMI-1", "HDMI-2", "HDMI-1"])
    }

    @Test("it is closed some time after the last picture") func closes() async throws {
        let held = HeldDriver(driver: driver)
        let warm = WarmScreen(drivers: [held], timekeeper: clock)
        let serving = Task { try await warm.run() }
        let begin = clock.now
        _ = try await warm.look(at: 0)
        await clock.sleeper(at: begin + WarmScreen.time)
        clock.advance(by: WarmScreen.time / 2)
        // Looked at meanwhile, it stays as long again.
        _ = try await warm.look(at: 0)
        clock.advance(by: WarmScreen.time / 2)
        await clock.sleeper(at: begin + WarmScreen.time * 3 / 2)
        #expect(!held.closed.hasFired)
        clock.advance(by: WarmScreen.time / 2)
        try await held.closed.fired()
        _ = try await warm.look(at: 0)
        #expect(driver.screen.opened.count == 2)
        serving.cancel()
        await #expect(throws: CancellationError.self) { try await serving.value }
    }

    @Test("one that has gone is looked for anew") func gone() async throws {
        let warm = WarmScreen(drivers: [driver], timekeeper: clock)
        _ = try await warm.look(at: 0)
        driver.screen.fail(.changed("HDMI-1"), untilOpened: true)
        #expect(try await warm.look(at: 0).image.width == 64)
        #expect(driver.screen.opened == ["HDMI-1", "HDMI-1"])
    }

    @Test("a screen that does not exist is no reason to look for another session") func noScreen() async throws {
        let warm = WarmScreen(drivers: [driver], timekeeper: clock)
        _ = try await warm.look(at: 0)
        await #expect(throws: ScreenError.notFound(2, known: ["HDMI-1", "HDMI-2"])) { try await warm.look(at: 2) }
    }

    @Test("whoever looks again and again sees another session that has come in front") func inFront() async throws {
        let latecomer = Latecomer()
        let warm = WarmScreen(drivers: [latecomer, driver], timekeeper: clock)
        #expect(try await warm.look(at: 0).output.name == "HDMI-1")
        latecomer.isThere.fire()
        #expect(try await warm.look(at: 0).output.name == "HDMI-1")
        var names: [String] = []
        for _ in 0..<10 {
            clock.advance(by: WarmScreen.longest / 10)
            names.append(try await warm.look(at: 0).output.name)
        }
        #expect(names == Array(repeating: "HDMI-1", count: 9) + ["DP-1"])
    }

    @Test("when nothing else is found either, that is said") func failure() async throws {
        let warm = WarmScreen(drivers: [driver], timekeeper: clock)
        _ = try await warm.look(at: 0)
        driver.screen.fail(.gone("HDMI-1"))
        await #expect(throws: ScreenError.self) { try await warm.look(at: 0) }
        #expect(driver.screen.opened.count == 2)
        // What has failed is not kept.
        await #expect(throws: ScreenError.self) { try await warm.look(at: 0) }
        #expect(driver.screen.opened.count == 3)
    }

    @Test("who comes while somebody looks opens one, too") func together() async throws {
        let held = HeldDriver(driver: driver, isFirstHeldUp: true)
        let warm = WarmScreen(drivers: [held], timekeeper: clock)
        async let first = warm.look(at: 0)
        try await held.isLooking.fired()
        _ = try await warm.look(at: 0)
        held.mayLook.fire()
        _ = try await first
        #expect(driver.screen.opened.count == 2)
        // The screen that was kept before has made room for the other.
        try await held.closed.fired()
        _ = try await warm.look(at: 0)
        #expect(driver.screen.opened.count == 2)
    }
}

/// Its screens tell when nobody has them any more; whoever looks first may be held up.
private struct HeldDriver: ScreenDriver, ScreenSession {
    let driver: DrawnDriver
    var isFirstHeldUp = false
    let closed = OneShot()
    let isLooking = OneShot()
    let mayLook = OneShot()

    func session() async throws(ScreenError) -> (any ScreenSession)? { self }

    func outputs() async throws(ScreenError) -> [ScreenOutput] { driver.shown }

    func open(_ output: ScreenOutput) async throws(ScreenError) -> any Screen {
        HeldScreen(screen: try await driver.open(output), driver: self)
    }
}

/// A session that is not there before it is told to be.
private struct Latecomer: ScreenDriver {
    let isThere = OneShot()

    func session() async throws(ScreenError) -> (any ScreenSession)? { isThere.hasFired ? DrawnDriver() : nil }
}

private final class HeldScreen: Screen {
    private let screen: any Screen
    private let driver: HeldDriver

    init(screen: any Screen, driver: HeldDriver) {
        self.screen = screen
        self.driver = driver
    }

    deinit { driver.closed.fire() }

    func picture() async throws(ScreenError) -> Image {
        if driver.isFirstHeldUp, !driver.isLooking.hasFired {
            driver.isLooking.fire()
            do { try await driver.mayLook.fired() } catch { throw .cancelled }
        }
        return try await screen.picture()
    }

    func change(lookingEvery interval: Duration) async throws(ScreenError) -> Image {
        try await screen.change(lookingEvery: interval)
    }
}
