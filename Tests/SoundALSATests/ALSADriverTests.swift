import Glibc
import LinuxIO
import NodeAudio
import NodeMedia
import NodeTesting
import Testing

@testable import SoundALSA

/// With the real library, and the plugin that every machine has; real devices are in the guest.
@Suite("ALSA driver", .timeLimit(.minutes(5)))
struct ALSADriverTests {
    private let speech = SoundFormat(sampleRate: 16_000, channels: 1)

    @Test("what the owner names is the usual source, and is recorded though no card has it") func configured()
        async throws
    {
        let driver = ALSADriver(configured: "null")
        let source = try #require(try await driver.devices()).sources.first { $0.default }
        #expect(source?.id == "null" && source?.monitor == false)
        let open = try #require(try await driver.open(nil, as: speech))
        #expect(open.id == "null" && open.format == speech)
        let chunk = try await open.next()
        #expect(!chunk.samples.isEmpty)
        await open.close()
        await #expect(throws: SoundError.gone("null")) { _ = try await open.next() }
    }

    @Test(
        "nobody but the owner names what is not listed: ALSA's names read files and start programs",
        arguments: ["null", "default", "file:/etc/passwd", "plug:'file:/tmp/x'", "hw:CARD=none,DEV=0"])
    func strangers(name: String) async throws {
        let driver = ALSADriver(configured: "hw:CARD=mine,DEV=0")
        await #expect(throws: SoundError.self) { _ = try await driver.open(name, as: speech) }
        do throws(SoundError) { _ = try await driver.open(name, as: speech) } catch {
            guard case .notFound(name, let known) = error else { throw error }
            #expect(known.contains("hw:CARD=mine,DEV=0"))
        }
    }

    @Test("a card that is not there is told") func absent() async throws {
        let driver = ALSADriver(configured: "hw:CARD=nowhere,DEV=0")
        await #expect(throws: SoundError.gone("hw:CARD=nowhere,DEV=0")) { _ = try await driver.open(nil, as: speech) }
    }

    @Test("who comes second shares what the first has opened, and keeps it when the first has left") func shared()
        async throws
    {
        let driver = ALSADriver(configured: "null")
        let first = try #require(try await driver.open(nil, as: speech))
        let second = try #require(try await driver.open(nil, as: SoundFormat(sampleRate: 48_000, channels: 2)))
        #expect(second.format == speech)
        let both = [try await first.next(), try await second.next()]
        #expect(both[0].capturedAt == both[1].capturedAt && both[0].samples.count == both[1].samples.count)
        await first.close()
        #expect(!(try await second.next()).samples.isEmpty)
        await #expect(throws: SoundError.gone("null")) { _ = try await first.next() }
        await second.close()
        let third = try #require(try await driver.open(nil, as: SoundFormat(sampleRate: 48_000, channels: 2)))
        #expect(third.format.sampleRate == 48_000)
        await third.close()
    }

    @Test("who has withdrawn is not kept waiting") func cancelled() async throws {
        let open = try #require(try await ALSADriver(configured: "null").open(nil, as: speech))
        let heard = await withTaskGroup(of: SoundError?.self) { group in
            group.addTask {
                do throws(SoundError) { while true { _ = try await open.next() } } catch { return error }
            }
            group.cancelAll()
            return await group.next() ?? nil
        }
        #expect(heard == .cancelled)
        await open.close()
    }

    @Test("a device that hangs when it is opened costs its sound and one thread, and what opens too late is closed")
    func hangs() async throws {
        let folder = try ScratchFolder()
        let pipe = folder.file("pipe")
        try call { mkfifo(pipe, 0o600) }
        // Opening what ALSA is to read here waits for somebody who writes.
        let id = "plug:{SLAVE={type file slave.pcm null file /dev/null infile \(pipe) format raw}}"
        let driver = ALSADriver(configured: id)
        let speech = speech
        try await onEventLoop { loop in
            let system = SoundSystem([driver], usual: id, timekeeper: loop, log: .silent)
            let microphone = system.microphone(for: "test", patience: .milliseconds(300))
            for _ in 0..<3 {
                await #expect(throws: SoundError.failed(id, reason: "it took too long to open")) {
                    try await microphone.record(from: nil, as: speech) { _ in }
                }
            }
            // Each is called after the device.
            let threads = try Self.threads(named: String(id.prefix(15)))
            #expect(threads <= 1)
        }
        let writer = try FileDescriptor(opening: pipe, flags: O_RDWR | O_NONBLOCK)
        let open = try #require(try await driver.open(nil, as: speech))
        await open.close()
        while try Self.descriptors(of: pipe) > 1 {
            try Task.checkCancellation()
            await Task.yield()
        }
        withExtendedLifetime(writer) {}
    }

    private static func threads(named name: String) throws -> Int {
        try Directory.names(in: "/proc/self/task").filter { id in
            // One that has ended since is none of that name.
            (try? StateFile.read("/proc/self/task/\(id)/comm")) == Array((name + "\n").utf8)
        }.count
    }

    private static func descriptors(of path: String) throws -> Int {
        try Directory.names(in: "/proc/self/fd").filter { number in
            var target = [CChar](repeating: 0, count: path.utf8.count + 2)
            return readlink("/proc/self/fd/\(number)", &target, target.count) == path.utf8.count
                && target.withUnsafeBufferPointer { String(cString: $0.baseAddress!) } == path
        }.count
    }
}
