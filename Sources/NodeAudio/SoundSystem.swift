import LinuxIO
import NodeCore
import NodeMedia
import Synchronization

/// The machine's sound, by the first of the ways to it that leads anywhere. Whoever records here is told of in the log and,
/// by a condition, in the node's status.
package final class SoundSystem: Sendable {
    private let drivers: [any SoundDriver]
    private let usual: SoundSource.ID?
    private let timekeeper: any Timekeeper
    private let log: Log
    private let report: @Sendable (ConditionChange) -> Void
    private let open = Mutex<[Use]>([])

    private struct Use: Equatable {
        let source: SoundSource.ID
        let user: String

        var words: String { "\(source), for \(user)" }
    }

    /// `usual`: the source of whoever names none; nil for the machine's own choice. `report` is told when a microphone is open and when
    /// none is any more; it does not wait.
    package init(
        _ drivers: [any SoundDriver], usual: SoundSource.ID? = nil, timekeeper: any Timekeeper, log: Log,
        report: @escaping @Sendable (ConditionChange) -> Void = { _ in }
    ) {
        self.drivers = drivers
        self.usual = usual
        self.timekeeper = timekeeper
        self.log = log
        self.report = report
    }

    package func devices() async throws(SoundError) -> SoundDevices {
        for driver in drivers {
            if let devices = try await driver.devices() { return marked(devices) }
        }
        return SoundDevices(sources: [], sinks: [])
    }

    private func marked(_ devices: SoundDevices) -> SoundDevices {
        guard let usual, devices.sources.contains(where: { $0.id == usual }) else { return devices }
        let sources = devices.sources.map {
            SoundSource(id: $0.id, name: $0.name, isDefault: $0.id == usual, isMonitor: $0.monitor)
        }
        return SoundDevices(sources: sources, sinks: devices.sinks)
    }

    /// One for whoever `user` is, which the log and the status name: a command. `patience`: how long it waits for a source to open,
    /// by itself longer than any server has to answer.
    package func microphone(for user: CommandName, patience: Duration = .seconds(10)) -> any Microphone {
        NamedUse(system: self, user: user.text, patience: patience, isMonitor: false)
    }

    /// The same for what the machine plays, by its default sink. Which source that is, is not for the user to say.
    package func playback(for user: CommandName, patience: Duration) -> any Microphone {
        NamedUse(system: self, user: user.text, patience: patience, isMonitor: true)
    }

    private struct NamedUse: Microphone {
        let system: SoundSystem
        let user: String
        let patience: Duration
        let isMonitor: Bool

        func record<R: Sendable>(
            from id: String?, as wanted: SoundFormat, _ body: @Sendable (any SoundStream) async throws -> R
        ) async throws -> R {
            let source = try await system.source(isMonitor ? .playback : .microphone(id), as: wanted, patience)
            let began = system.timekeeper.now
            let use = Use(source: source.id, user: user)
            system.opened(use)
            let result: Result<R, any Error>
            do { result = .success(try await body(source)) } catch { result = .failure(error) }
            let lost = await source.lost
            await source.close()
            if lost > .zero { system.tell(lost: lost, of: use) }
            system.closed(use, after: began.duration(to: system.timekeeper.now))
            return try result.get()
        }
    }

    fileprivate enum Wanted {
        case microphone(SoundSource.ID?)
        case playback
    }

    private func source(
        _ wanted: Wanted, as format: SoundFormat, _ patience: Duration
    ) async throws(SoundError) -> any OpenSource {
        let opening = Opening()
        let isInTime = await timekeeper.within(patience) {
            do throws(SoundError) { opening.end(.success(try await self.source(wanted, as: format))) } catch {
                opening.end(.failure(error))
            }
            return true
        }
        do throws(SoundError) { return try opening.result.get() } catch {
            if isInTime == true || Task.isCancelled { throw error }
            throw .failed(wanted.words?.cited ?? usual ?? "the microphone", reason: "it took too long to open")
        }
    }

    /// What has become of one. A source that opens just when it is given up is used: nobody else would close it.
    private final class Opening: Sendable {
        private let state = Mutex<Result<any OpenSource, SoundError>>(.failure(.cancelled))

        var result: Result<any OpenSource, SoundError> { state.withLock { $0 } }

        func end(_ result: Result<any OpenSource, SoundError>) { state.withLock { $0 = result } }
    }

    private func source(_ wanted: Wanted, as format: SoundFormat) async throws(SoundError) -> any OpenSource {
        switch wanted {
        case .microphone(nil):
            guard let usual else { return try await first(nil, as: format) }
            do throws(SoundError) { return try await first(usual, as: format) } catch {
                // Who has named none cannot name another.
                if case .notFound(let id, let known) = error { throw .usualMissing(id, known: known) }
                throw error
            }
        case .microphone(let id): return try await first(id, as: format)
        case .playback: return try await first(try await playbackSource(), as: format)
        }
    }

    private func first(_ id: String?, as format: SoundFormat) async throws(SoundError) -> any OpenSource {
        for driver in drivers {
            if let source = try await driver.open(id, as: format) { return source }
        }
        if let id { throw .notFound(id, known: []) }
        throw .noSource
    }

    private func playbackSource() async throws(SoundError) -> SoundSource.ID {
        let devices = try await devices()
        // Servers name it so; where there is no server nobody records what is played.
        let monitor = devices.sinks.first(where: \.default).map { $0.id + ".monitor" }
        guard let source = devices.sources.first(where: { $0.monitor && $0.id == monitor }) else { throw .noSource }
        return source.id
    }

    private func opened(_ use: Use) {
        log.info("Microphone opened", ["source": use.source, "for": use.user])
        change { $0.append(use) }
    }

    private func tell(lost: Duration, of use: Use) {
        log.warning(
            "Sound was lost, for the machine had no time for it",
            ["source": use.source, "for": use.user, "ms": "\(Int(lost / .milliseconds(1)))"])
    }

    private func closed(_ use: Use, after time: Duration) {
        log.info(
            "Microphone closed", ["source": use.source, "for": use.user, "ms": "\(Int(time / .milliseconds(1)))"])
        change { uses in
            if let index = uses.firstIndex(of: use) { uses.remove(at: index) }
        }
    }

    /// Told under the lock, so that the last word is about what is so.
    private func change(_ body: (inout [Use]) -> Void) {
        open.withLock { uses in
            body(&uses)
            report(
                uses.isEmpty ? .cleared(id: Condition.microphoneOpenID) : .raised(.microphoneOpen(uses.map(\.words))))
        }
    }
}

extension SoundSystem.Wanted {
    fileprivate var words: String? {
        switch self {
        case .microphone(let id): id
        case .playback: "the monitor of the default sink"
        }
    }
}

extension Condition {
    package static let microphoneOpenID = "microphone-open"

    fileprivate static func microphoneOpen(_ uses: [String]) -> Condition {
        Condition(
            id: microphoneOpenID, severity: .note,
            summary: "a microphone is open: \(uses.joined(separator: "; "))", remedy: "clawnode pause microphone")
    }
}
