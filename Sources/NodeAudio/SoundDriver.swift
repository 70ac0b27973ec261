import NodeMedia

/// One way to reach sound: a server, or the kernel's devices.
package protocol SoundDriver: Sendable {
    /// What there is now; nil where this way leads nowhere, and the next one is to be taken.
    func devices() async throws(SoundError) -> SoundDevices?

    /// The source of that id, the default one for nil, as near to `wanted` as it can be had; nil as above. From then on it records.
    func open(_ id: SoundSource.ID?, as wanted: SoundFormat) async throws(SoundError) -> (any OpenSource)?
}

/// A source that records until it is closed.
package protocol OpenSource: SoundStream {
    var id: SoundSource.ID { get }

    /// How much of what was recorded was not read in time, as far as that is known; there is silence in its place.
    var lost: Duration { get async }

    /// Also when the task was cancelled.
    func close() async
}
