import NodeMedia

/// One way a device can be set to deliver pictures.
struct CaptureMode: Equatable, Sendable {
    let format: PixelFormat
    let width: Int
    let height: Int
    /// The highest rate at this size; 0 where the driver does not say.
    let framesPerSecond: Double

    /// Whether pictures can be made of it.
    var isReadable: Bool { format.isJPEG || PixelFormat.convertible.contains(format) }

    var isFilmable: Bool { isReadable || format == .h264 }

    /// Slower ones are not worth their pixels: the few frames it takes to settle would take seconds.
    var isFluent: Bool { framesPerSecond == 0 || framesPerSecond >= 5 }
}
