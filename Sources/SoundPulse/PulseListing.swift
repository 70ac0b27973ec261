import NodeAudio

/// What a server tells of a source or a sink, of which much is the same.
struct PulseDevice: Equatable {
    let name: String
    let description: String
    let volume: Double
    let isMuted: Bool
    /// The sink whose output it records.
    let isMonitor: Bool

    /// Version 13's fields, in their order. A sink's name its monitor where a source's name what they are the monitor of.
    init(_ reader: inout PulseReader, isSource: Bool) throws(PulseFlaw) {
        _ = try reader.number()
        guard let name = try reader.text() else { throw PulseFlaw() }
        self.name = name
        description = try reader.text() ?? name
        _ = try reader.spec()
        try reader.skipChannelMap()
        _ = try reader.number()
        let volumes = try reader.volumes()
        volume = volumes.isEmpty ? 0 : volumes.reduce(0, +) / Double(volumes.count)
        isMuted = try reader.bool()
        isMonitor = try reader.number() != PulseCommand.none && isSource
        _ = try reader.text()
        _ = try reader.microseconds()
        _ = try reader.text()
        _ = try reader.number()
        try reader.skipProperties()
        _ = try reader.microseconds()
    }

    static func all(_ reader: PulseReader, areSources: Bool) throws(PulseFlaw) -> [PulseDevice] {
        var reader = reader
        var devices: [PulseDevice] = []
        while !reader.isAtEnd { devices.append(try PulseDevice(&reader, isSource: areSources)) }
        return devices
    }
}

/// The names that a server takes when nobody says which.
struct PulseDefaults: Equatable {
    let sink: String?
    let source: String?

    init(_ reader: PulseReader) throws(PulseFlaw) {
        var reader = reader
        // What it is, its version, its user, its machine.
        for _ in 0..<4 { _ = try reader.text() }
        _ = try reader.spec()
        sink = try reader.text()
        source = try reader.text()
    }
}

extension SoundDevices {
    /// Where a machine has no microphone, servers take what it plays for the default source; nobody who asks for a microphone
    /// wants to hear that.
    init(_ defaults: PulseDefaults, sources: [PulseDevice], sinks: [PulseDevice]) {
        let microphones = sources.filter { !$0.isMonitor }
        let usual = microphones.first { $0.name == defaults.source } ?? microphones.first
        self.init(
            sources: sources.map {
                SoundSource(
                    id: $0.name, name: $0.description, isDefault: $0.name == usual?.name, isMonitor: $0.isMonitor)
            },
            sinks: sinks.map {
                SoundSink(
                    id: $0.name, name: $0.description, isDefault: $0.name == defaults.sink,
                    volume: ($0.volume * 1_000).rounded() / 1_000, isMuted: $0.isMuted)
            })
    }
}
