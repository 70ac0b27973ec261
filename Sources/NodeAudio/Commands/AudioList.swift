import NodeCore

/// `audio.list`: what can be recorded, and where sound comes out (node-commands §8.3).
struct AudioList: Command {
    static let name: CommandName = "audio.list"
    static let summary = "What can be recorded, with ids, and where sound comes out. Nothing is recorded."

    let system: SoundSystem
    /// For requests that name none; nil for the machine's own choice.
    let defaultSource: SoundSource.ID?

    func run(_ params: NoParams, in context: InvocationContext) async throws -> SoundDevices {
        let devices = try await system.devices()
        guard let defaultSource, devices.sources.contains(where: { $0.id == defaultSource }) else { return devices }
        let sources = devices.sources.map {
            SoundSource(id: $0.id, name: $0.name, isDefault: $0.id == defaultSource, isMonitor: $0.monitor)
        }
        return SoundDevices(sources: sources, sinks: devices.sinks)
    }
}
