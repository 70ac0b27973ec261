/// What a file of moving pictures, of sound, or of both is to be.
package struct ClipPlan: Equatable, Sendable, Codable {
    /// By the ending that a file's name has.
    package enum Container: String, Sendable, Codable, CaseIterable {
        /// H.264 and AAC, its index at the front.
        case mp4
        /// AAC
        case m4a
        /// Opus
        case ogg
        case flac
        /// 16 bits a sample, uncompressed
        case wav
    }

    /// The frames as they will come.
    package struct Video: Equatable, Sendable, Codable {
        /// `mjpeg`, `yuv420` or `h264`; the last is put into the file as it is.
        package let format: PixelFormat
        package let width: Int
        package let height: Int
        /// About how many will come; each carries its own time, and that counts.
        package let framesPerSecond: Double
        package var orientation = Orientation.upright

        package init(format: PixelFormat, width: Int, height: Int, framesPerSecond: Double) {
            self.format = format
            self.width = width
            self.height = height
            self.framesPerSecond = framesPerSecond
        }
    }

    package let container: Container
    package var video: Video?
    /// The samples as they will come.
    package var sound: SoundFormat?
    /// As what they are stored; nil: as they come, or as near to it as the codec can.
    package var storedSound: SoundFormat?
    package let duration: Duration
    /// In bytes of the file.
    package let limit: Int

    package init(_ container: Container, video: Video? = nil, sound: SoundFormat? = nil, duration: Duration, limit: Int)
    {
        self.container = container
        self.video = video
        self.sound = sound
        self.duration = duration
        self.limit = limit
    }
}

extension ClipPlan.Container {
    /// `format`, or the next that its codec has and that loses nothing.
    package func storable(_ format: SoundFormat) -> SoundFormat {
        let rates: [Int]? =
            switch self {
            case .mp4, .m4a:
                [8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 64_000, 88_200, 96_000]
            case .ogg: [8_000, 12_000, 16_000, 24_000, 48_000]
            case .flac, .wav: nil
            }
        let rate = rates.map { rates in rates.first { $0 >= format.sampleRate } ?? rates[rates.count - 1] }
        return SoundFormat(sampleRate: rate ?? format.sampleRate, channels: min(2, format.channels))
    }
}
