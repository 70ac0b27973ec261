import NodeCore

/// The `audio` part of the configuration: read once, never changed.
package struct AudioConfiguration: Equatable, Sendable {
    /// The source of requests that name none; nil for the machine's own choice.
    package let source: SoundSource.ID?

    package init(source: SoundSource.ID? = nil) {
        self.source = source
    }

    package init(_ section: inout ConfigurationSection) throws(ConfigurationError) {
        self.init(
            source: try section.string(
                "source",
                "What is recorded for requests that do not say: an id that `audio.list` shows, or, where there is no sound "
                    + "server, any name that ALSA knows. Without it, the machine's default microphone."))
    }
}
