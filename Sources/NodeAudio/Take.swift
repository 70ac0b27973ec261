import NodeMedia

/// The first so many moments of a stream, to the sample.
struct Take: Sendable {
    let duration: Duration

    func frames(at rate: Int) -> Int {
        Int((duration / .seconds(1) * Double(rate)).rounded())
    }

    /// Hands everything to `take` while it comes.
    func run(_ stream: any SoundStream, _ take: (SoundChunk) async throws -> Void) async throws {
        let channels = stream.format.channels
        var left = frames(at: stream.format.sampleRate)
        while left > 0 {
            var chunk = try await stream.next()
            if chunk.samples.count > left * channels {
                chunk = SoundChunk(samples: Array(chunk.samples.prefix(left * channels)), capturedAt: chunk.capturedAt)
            }
            try await take(chunk)
            left -= chunk.samples.count / channels
        }
    }
}
