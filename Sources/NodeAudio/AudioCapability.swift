import NodeCore
import NodeMedia

/// The family of sound as a whole. It is switched on, and claimed, as what it lets others do.
package enum AudioCapability {
    package static let name = "microphone"
    package static let summary = "A gateway may record sound with this machine's microphones."

    /// What each command is for.
    package static let manual: [(name: CommandName, summary: String)] = [
        (AudioList.name, AudioList.summary), (AudioRecord.name, AudioRecord.summary),
        (AudioRecord.alias, "The same as `\(AudioRecord.name)`."), (AudioLevel.name, AudioLevel.summary),
    ]
    /// The names by themselves, for whoever forwards the commands to where the drivers are.
    package static let commands = manual.map(\.name)

    package static func capability(system: SoundSystem, encoder: any ClipEncoder) -> Capability {
        let record = Handler(AudioRecord(microphone: system.microphone(for: AudioRecord.name), encoder: encoder))
        return Capability(
            name: name,
            handlers: [
                Handler(AudioList(system: system)), record,
                Handler(name: AudioRecord.alias, perform: record.perform),
                Handler(AudioLevel(microphone: system.microphone(for: AudioLevel.name))),
            ])
    }
}
