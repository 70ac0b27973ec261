import LinuxIO
import NodeAudio
import NodeMedia
import Synchronization

/// A PCM device, which the kernel lets be opened once: who comes second shares what the first has opened, in its format.
final class ALSADevice: Sendable {
    private let id: SoundSource.ID
    private let opening = Turn()
    private let state = Mutex(State())

    private struct State {
        weak var source: ALSASource?
        var failure: (error: SoundError, at: ContinuousClock.Instant)?
    }

    init(_ id: SoundSource.ID) {
        self.id = id
    }

    func open(as wanted: SoundFormat) async throws(SoundError) -> ALSAReader {
        let asked = ContinuousClock.now
        let turn: HeldTurn
        do { turn = try await HeldTurn(taking: opening) } catch { throw .cancelled }
        defer { withExtendedLifetime(turn) {} }
        if let reader = await state.withLock({ $0.source })?.join() { return reader }
        // Who waited while another one tried in vain does not try for as long again.
        if let failure = state.withLock({ $0.failure }), failure.at > asked { throw failure.error }
        do throws(SoundError) {
            let fresh = try await ALSASource.open(id, as: wanted, in: turn)
            guard let reader = await fresh.join() else { throw .gone(id) }
            state.withLock { $0.source = fresh }
            return reader
        } catch {
            if error != .cancelled { state.withLock { $0.failure = (error, .now) } }
            throw error
        }
    }
}

/// One of those who record from a device.
struct ALSAReader: OpenSource {
    let source: ALSASource
    let number: Int
    let lostBefore: Int

    var id: SoundSource.ID { source.id }
    var format: SoundFormat { source.format }

    var lost: Duration { get async { await source.lost(since: lostBefore) } }

    func next() async throws(SoundError) -> SoundChunk { try await source.next(for: number) }

    func close() async { await source.leave(number) }
}
