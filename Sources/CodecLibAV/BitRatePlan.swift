import NodeMedia

/// How many bits a second go where, so that the file keeps its limit.
package struct BitRatePlan: Equatable, Sendable {
    /// What an encoder aims at that needs a number.
    package let video: Int
    /// What it never exceeds by more than `buffer`.
    package let videoPeak: Int
    /// In bits.
    package let buffer: Int
    package let sound: Int

    /// As many bits as make a picture of a webcam look as it came.
    private static let bitsPerPixel = 0.1
    /// An index's entry has up to 32 bytes for a frame and 16 for a packet of sound; a packet of Ogg has less.
    private static let entry = 32

    package init(_ plan: ClipPlan) {
        // The sources may go on a little longer, and the buffer is filled in advance: a second each.
        let seconds = plan.duration / .seconds(1) + (plan.video == nil ? 1 : 2)
        let frames = plan.video.map { seconds * $0.framesPerSecond } ?? 0
        let packets = plan.sound == nil ? 0 : seconds * 50
        let index = Int((frames + packets) * Double(Self.entry)) + 4_096
        let available = Int(Double(max(0, plan.limit - index) * 8) * 0.98 / seconds)

        let stored = plan.storedSound ?? plan.sound
        let wantedSound = stored.map { Self.sound($0, plan.container) } ?? 0
        guard let picture = plan.video else {
            sound = max(Self.least, min(wantedSound, available))
            video = 0
            videoPeak = 0
            buffer = 0
            return
        }
        sound = stored == nil ? 0 : max(Self.least, min(wantedSound, available / 4))
        let pixels = Double(picture.width * picture.height)
        let wanted = Int(pixels * picture.framesPerSecond * Self.bitsPerPixel)
        let rest = max(Self.least, available - sound)
        video = min(max(Self.least, wanted), rest)
        videoPeak = min(2 * video, rest)
        buffer = videoPeak
    }

    /// Codecs refuse what is less.
    private static let least = 16_000

    private static func sound(_ format: SoundFormat, _ container: ClipPlan.Container) -> Int {
        let most =
            switch container {
            case .mp4, .m4a: format.channels == 1 ? 96_000 : 128_000
            case .ogg: format.channels == 1 ? 48_000 : 96_000
            case .flac, .wav: Int.max
            }
        return min(most, 2 * format.sampleRate * format.channels)
    }
}
