/// Where sound can be recorded from, as `audio.list` shows it (node-commands §8.3).
package struct SoundSource: Encodable, Equatable, Sendable {
    package typealias ID = String

    /// Stays the same across reboots where the machine makes that possible.
    package let id: ID
    package let name: String
    /// What is recorded when nobody says which.
    package let `default`: Bool
    /// Not a microphone: what the machine itself plays.
    package let monitor: Bool

    package init(id: ID, name: String, isDefault: Bool, isMonitor: Bool = false) {
        self.id = id
        self.name = name
        `default` = isDefault
        monitor = isMonitor
    }
}

/// Where sound can be played.
package struct SoundSink: Encodable, Equatable, Sendable {
    package let id: String
    package let name: String
    package let `default`: Bool
    /// 1 is the full volume; nil where that is not known.
    package let volume: Double?
    package let muted: Bool?

    package init(id: String, name: String, isDefault: Bool, volume: Double? = nil, isMuted: Bool? = nil) {
        self.id = id
        self.name = name
        `default` = isDefault
        self.volume = volume
        muted = isMuted
    }
}

/// What a machine has for sound.
package struct SoundDevices: Encodable, Equatable, Sendable {
    package let sources: [SoundSource]
    package let sinks: [SoundSink]

    package init(sources: [SoundSource], sinks: [SoundSink]) {
        self.sources = sources
        self.sinks = sinks
    }
}
