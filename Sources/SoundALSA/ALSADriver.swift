import LinuxIO
import NodeAudio
import NodeMedia
import Synchronization

/// The kernel's sound devices, for where no server has them.
package final class ALSADriver: SoundDriver {
    /// May be anything that ALSA's library takes for a name, which can read and write files: only the owner may say it.
    private let configured: SoundSource.ID?
    private let listing = Turn()
    /// Those that have been opened once.
    private let opened = Mutex<[SoundSource.ID: ALSADevice]>([:])

    package init(configured: SoundSource.ID?) {
        self.configured = configured
    }

    package func devices() async throws(SoundError) -> SoundDevices? {
        let configured = configured
        let turn: HeldTurn
        do { turn = try await HeldTurn(taking: listing) } catch { throw .cancelled }
        let found = await turn.onThread("sound") { () -> Result<SoundDevices?, SoundError> in
            do throws(SoundError) { return .success(try ALSADevices.all(configured: configured)) } catch {
                return .failure(error)
            }
        }
        guard let found else { throw .cancelled }
        return try found.get()
    }

    package func open(
        _ id: SoundSource.ID?, as wanted: SoundFormat
    ) async throws(SoundError) -> (any OpenSource)? {
        guard let sources = try await devices()?.sources else { return nil }
        let known = sources.map(\.id)
        if let id, !known.contains(id) { throw .notFound(id, known: known) }
        guard let source = id ?? sources.first(where: \.default)?.id else { throw .noSource }
        let device = opened.withLock { opened in
            let device = opened[source] ?? ALSADevice(source)
            opened[source] = device
            return device
        }
        return try await device.open(as: wanted)
    }
}
