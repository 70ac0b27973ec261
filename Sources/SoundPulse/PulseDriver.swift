import LinuxIO
import NodeAudio
import NodeMedia

/// The sound server of a session, PulseAudio or PipeWire, by PulseAudio's protocol. It is never started: where none runs, this
/// way leads nowhere.
package struct PulseDriver: SoundDriver {
    private let server: PulseServer
    private let loop: EventLoop

    package init(variables: [String: String], on loop: EventLoop) {
        server = PulseServer(variables: variables)
        self.loop = loop
    }

    package func devices() async throws(SoundError) -> SoundDevices? {
        guard let connection = try await PulseConnection.open(server, on: loop) else { return nil }
        defer { connection.close() }
        return try await Self.devices(connection)
    }

    package func open(
        _ id: SoundSource.ID?, as wanted: SoundFormat
    ) async throws(SoundError) -> (any OpenSource)? {
        guard let connection = try await PulseConnection.open(server, on: loop) else { return nil }
        do throws(SoundError) {
            let sources = try await Self.devices(connection).sources
            if let id, !sources.contains(where: { $0.id == id }) { throw .notFound(id, known: sources.map(\.id)) }
            guard let source = id ?? sources.first(where: \.default)?.id else { throw .noSource }
            return try await PulseSource.open(source, as: wanted, over: connection)
        } catch {
            connection.close()
            throw error
        }
    }

    private static func devices(_ connection: PulseConnection) async throws(SoundError) -> SoundDevices {
        let server = try await connection.ask(.getServerInfo)
        let sources = try await connection.ask(.getSourceInfoList)
        let sinks = try await connection.ask(.getSinkInfoList)
        do throws(PulseFlaw) {
            return SoundDevices(
                try PulseDefaults(server), sources: try PulseDevice.all(sources, areSources: true),
                sinks: try PulseDevice.all(sinks, areSources: false))
        } catch { throw connection.malformed }
    }
}
