import NodeCore

/// `audio.list`: what can be recorded, and where sound comes out (node-commands §8.3).
struct AudioList: Command {
    static let name: CommandName = "audio.list"
    static let summary = "What can be recorded, with ids, and where sound comes out. Nothing is recorded."

    let system: SoundSystem

    func run(_ params: NoParams, in context: InvocationContext) async throws -> SoundDevices {
        try await system.devices()
    }
}
