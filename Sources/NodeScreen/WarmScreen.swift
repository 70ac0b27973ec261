import LinuxIO
import NodeCore
import NodeMedia

/// The screen of the last picture. It stays open for a while: whoever looks once looks again soon, and to find and open a screen takes
/// longer than to look at it. `run` closes it.
package actor WarmScreen: Service {
    struct Sight {
        let image: Image
        /// What was looked at, of all that is shown.
        let output: ScreenOutput
        let shown: ScreenSet.Shown
    }

    private struct Open {
        let session: any ScreenSession
        let output: ScreenOutput
        let screen: any Screen
        /// When it was found to be what is in front, and when it was looked at last.
        let found: ContinuousClock.Instant
        let since: ContinuousClock.Instant
    }

    nonisolated let screens: ScreenSet
    private let timekeeper: any Timekeeper
    private let uses = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    private var open: Open?

    /// An open one takes two pictures of memory.
    static let time = Duration.seconds(5)
    /// Another session may have come in front of it.
    static let longest = Duration.seconds(30)

    /// The first of `drivers` that has a session is taken, each time that none is open.
    package init(drivers: [any ScreenDriver], timekeeper: any Timekeeper) {
        screens = ScreenSet(drivers: drivers)
        self.timekeeper = timekeeper
    }

    /// Closes what nobody looks at any more, until cancelled.
    package func run() async throws {
        defer { open = nil }
        for await _ in uses.stream {
            while let since = open?.since {
                try await timekeeper.sleep(until: since + Self.time)
                if let still = open?.since, still + Self.time <= timekeeper.now { open = nil }
            }
        }
        throw CancellationError()
    }

    /// What the screen of that index shows now.
    func look(at index: Int) async throws(ScreenError) -> Sight {
        // A screen has one asker at a time: who comes meanwhile opens one, too.
        let warm = open
        open = nil
        if let warm, timekeeper.now < warm.found + Self.longest {
            do throws(ScreenError) {
                let shown = try await ScreenSet.Shown(warm.session)
                // Another screen gets another session: what a server has for a screen ends with the session only.
                if try shown.output(index) == warm.output {
                    return try await look(at: warm.screen, warm.output, of: shown, since: warm.found)
                }
            } catch {
                if case .notFound = error { throw error }
                // Whoever has gone or changed since may be found anew.
                if Task.isCancelled { throw error }
            }
        }
        let shown = try await screens.shown()
        let output = try shown.output(index)
        return try await look(
            at: try await shown.session.open(output), output, of: shown, since: timekeeper.now)
    }

    private func look(
        at screen: any Screen, _ output: ScreenOutput, of shown: ScreenSet.Shown, since found: ContinuousClock.Instant
    ) async throws(ScreenError) -> Sight {
        let image = try await screen.picture()
        open = Open(
            session: shown.session, output: output, screen: screen, found: found, since: timekeeper.now)
        uses.continuation.yield()
        return Sight(image: image, output: output, shown: shown)
    }
}
