import Glibc
import LinuxIO
import NodeCore
import NodeMedia
import NodeTesting
import Synchronization
import Testing

@testable import NodeAudio

@Suite("Sound system", .timeLimit(.minutes(5)))
struct SoundSystemTests {
    private let wanted = SoundFormat(sampleRate: 16_000, channels: 1)

    @Test("the first way that leads anywhere is taken, and where none does there is no microphone") func order()
        async throws
    {
        let second = ToneDriver()
        let system = SoundSystem([ToneDriver(.absent), second], timekeeper: HandClock(), log: .silent)
        #expect(try await system.devices() == ToneDriver.info)
        let id = try await system.microphone(for: "test").record(from: nil, as: wanted) { _ in "mic" }
        #expect(id == "mic" && second.record.closed == 1)
        let deaf = SoundSystem(ToneDriver(.absent))
        #expect(try await deaf.devices() == SoundDevices(sources: [], sinks: []))
        await #expect(throws: SoundError.noSource) {
            try await deaf.microphone(for: "test").record(from: nil, as: wanted) { _ in }
        }
        await #expect(throws: SoundError.notFound("x", known: [])) {
            try await deaf.microphone(for: "test").record(from: "x", as: wanted) { _ in }
        }
    }

    @Test("while a microphone is open a condition says which and for whom, and none does afterwards")
    func told() async throws {
        let changes = Told()
        let system = SoundSystem(ToneDriver(), report: changes.note)
        let microphone = system.microphone(for: "audio.record")
        try await microphone.record(from: nil, as: wanted) { _ in
            #expect(changes.last?.summary == "a microphone is open: mic, for audio.record")
            try await system.microphone(for: "camera.clip").record(from: "desk", as: wanted) { _ in
                #expect(changes.last?.summary.hasSuffix("mic, for audio.record; desk, for camera.clip") == true)
            }
            #expect(changes.last?.summary.hasSuffix("mic, for audio.record") == true)
        }
        #expect(changes.last == nil && changes.count == 4)
        await #expect(throws: SoundError.gone("mic")) {
            try await microphone.record(from: nil, as: wanted) { _ in throw SoundError.gone("mic") }
        }
        #expect(changes.last == nil && changes.count == 6)
    }

    @Test("sound that was lost is told, with how much, and nothing is said of none", arguments: [0, 250])
    func lost(milliseconds: Int) async throws {
        let folder = try ScratchFolder()
        let journal = FileDescriptor(
            adopting: try call { socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue) | O_CLOEXEC | O_NONBLOCK, 0) })
        let raw = journal.raw
        try withUnixAddress(folder.file("journal")) { address, length throws(Errno) in
            try call { bind(raw, address, length) }
        }
        let log = Log(level: .info, format: .journal, journal: folder.file("journal"))
        let system = SoundSystem([ToneDriver(losing: .milliseconds(milliseconds))], timekeeper: HandClock(), log: log)
        try await system.microphone(for: "test").record(from: nil, as: wanted) { _ in }
        var entries: [[String: String]] = []
        var bytes = [UInt8](repeating: 0, count: 4096)
        while let count = try call(unless: EAGAIN, { recv(raw, &bytes, bytes.count, 0) }) {
            entries.append(try JournalEntry(Array(bytes.prefix(count))).fields)
        }
        let told = entries.filter { $0["MESSAGE"]?.hasPrefix("Sound was lost") == true }
        #expect(entries.count - told.count == 2, "opened and closed")
        #expect(told.compactMap { $0["CLAWNODE_MS"] } == (milliseconds > 0 ? ["250"] : []))
    }

    @Test(
        "nobody waits for ever for a microphone that hangs, and who says so no longer than so long",
        arguments: [2, nil])
    func hangs(seconds: Int?) async {
        let clock = HandClock()
        let system = SoundSystem([ToneDriver(.hangs)], timekeeper: clock, log: .silent)
        let microphone =
            seconds.map { system.microphone(for: "test", patience: .seconds($0)) } ?? system.microphone(for: "test")
        let limit = Duration.seconds(seconds ?? 10)
        let wanted = wanted
        await withTaskGroup(of: SoundError?.self) { group in
            group.addTask {
                do {
                    try await microphone.record(from: nil, as: wanted) { _ in }
                    return nil
                } catch { return error as? SoundError }
            }
            await clock.sleeper(at: clock.now + limit)
            clock.advance(by: limit)
            #expect(await group.next() == .failed("the microphone", reason: "it took too long to open"))
        }
    }

    @Test("a microphone that opens just when nobody wants to wait for it any more is used, and closed") func late()
        async throws
    {
        let clock = HandClock()
        let driver = ToneDriver(.late)
        let system = SoundSystem([driver], timekeeper: clock, log: .silent)
        let wanted = wanted
        async let id = system.microphone(for: "test", patience: .seconds(2)).record(from: nil, as: wanted) { _ in "mic"
        }
        await clock.sleeper(at: clock.now + .seconds(2))
        clock.advance(by: .seconds(2))
        #expect(try await id == "mic")
        #expect(driver.record.closed == 1)
    }

    /// Has two sources, and loses them when they are to be opened.
    private struct Forgetful: SoundDriver {
        func devices() async throws(SoundError) -> SoundDevices? {
            let sources = ["a", "b"].map { SoundSource(id: $0, name: $0, isDefault: $0 == "a") }
            return SoundDevices(sources: sources, sinks: [])
        }

        func open(_ id: SoundSource.ID?, as wanted: SoundFormat) async throws(SoundError) -> (any OpenSource)? {
            throw .notFound(id ?? "none", known: ["a", "b"])
        }
    }

    @Test("the usual source is shown as that where it is there", arguments: [(nil, "a"), ("b", "b"), ("c", "a")])
    func usual(usual: String?, shown: String) async throws {
        let devices = try await SoundSystem(Forgetful(), usual: usual).devices()
        #expect(devices.sources.filter(\.default).map(\.id) == [shown])
    }

    @Test("a usual source that is not there is told from one that a request has named") func usualMissing() async {
        let microphone = SoundSystem(Forgetful(), usual: "c").microphone(for: "test")
        await #expect(throws: SoundError.usualMissing("c", known: ["a", "b"])) {
            try await microphone.record(from: nil, as: wanted) { _ in }
        }
        await #expect(throws: SoundError.notFound("d", known: ["a", "b"])) {
            try await microphone.record(from: "d", as: wanted) { _ in }
        }
    }

    @Test("what cannot be opened is not said to be open") func refused() async {
        let changes = Told()
        let system = SoundSystem(ToneDriver(.refuses(.busy("mic"))), report: changes.note)
        await #expect(throws: SoundError.busy("mic")) {
            try await system.microphone(for: "test").record(from: nil, as: wanted) { _ in }
        }
        #expect(changes.count == 0)
    }

    private final class Told: Sendable {
        private let changes = Mutex<[ConditionChange]>([])

        var count: Int { changes.withLock { $0.count } }

        var last: Condition? {
            guard case .raised(let condition)? = changes.withLock({ $0.last }) else { return nil }
            return condition
        }

        @Sendable func note(_ change: ConditionChange) {
            changes.withLock { $0.append(change) }
        }
    }
}
