import NodeMedia

/// One way a device can be set to deliver pictures.
struct CaptureMode: Equatable, Sendable {
    let format: PixelFormat
    let width: Int
    let height: Int
    /// The highest rate at this size; 0 where the driver does not say.
    let framesPerSecond: Double

    var isReadable: Bool { format.isJPEG || PixelFormat.convertible.contains(format) }

    /// Slower ones are not worth their pixels: the few frames it takes to settle would take seconds.
    var isFluent: Bool { framesPerSecond == 0 || framesPerSecond >= 5 }
}

extension PixelFormat {
    /// What libv4lconvert turns into planar 4:2:0, and does so well enough: the layouts of cameras of the last twenty years, those
    /// that lose least and cost least first. (Its list is fixed, and it cannot be asked for it.)
    static let convertible: [PixelFormat] = [
        .yuv420, .nv12, PixelFormat("YV12"), .yuyv, PixelFormat("UYVY"), PixelFormat("YVYU"),
        PixelFormat("NV16"), PixelFormat("NV61"), PixelFormat("RGB3"), PixelFormat("BGR3"),
        PixelFormat("RGBP"), PixelFormat("GREY"), PixelFormat("Y16 "), PixelFormat("BA81"), PixelFormat("GBRG"),
        PixelFormat("GRBG"), PixelFormat("RGGB"), PixelFormat("PJPG"), PixelFormat("JPGL"), PixelFormat("M420"),
        PixelFormat("S501"), PixelFormat("S505"), PixelFormat("S508"), PixelFormat("S561"), PixelFormat("S910"),
        PixelFormat("S920"), PixelFormat("P207"), PixelFormat("M310"), PixelFormat("JL20"), PixelFormat("CITV"),
    ]

    static let grey = PixelFormat("GREY")

    /// The bytes of one sample row's pixel in the first plane; nil for compressed layouts and others without rows.
    var bytesPerPixel: Int? { Self.rowLayouts[self] }

    private static let rowLayouts: [PixelFormat: Int] = [
        .yuv420: 1, .nv12: 1, PixelFormat("YV12"): 1, PixelFormat("NV16"): 1, PixelFormat("NV61"): 1, .grey: 1,
        PixelFormat("BA81"): 1, PixelFormat("GBRG"): 1, PixelFormat("GRBG"): 1, PixelFormat("RGGB"): 1, .yuyv: 2,
        PixelFormat("UYVY"): 2, PixelFormat("YVYU"): 2, PixelFormat("RGBP"): 2, PixelFormat("Y16 "): 2,
        PixelFormat("RGB3"): 3, PixelFormat("BGR3"): 3,
    ]
}
