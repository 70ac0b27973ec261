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
}
