import NodeMedia

extension PixelFormat {
    static let grey = PixelFormat("GREY")

    /// What is turned into planar 4:2:0, and well enough: the layouts of cameras of the last twenty years, those that lose least and
    /// cost least first. libv4lconvert's list is fixed, and it cannot be asked for it.
    ///
    /// Left out are the raw pixels of sensors with more than eight bits, which need a tuning that the library lacks, RGBP, of
    /// which it swaps red and blue, and HSV3, HSV4 and JPGL, where it writes past the end of its buffers.
    static let convertible: [PixelFormat] =
        ([
            "YU12", "NV12", "YM12", "NM12", "YV12", "YM21", "YUYV", "UYVY", "YVYU", "NV16", "NV61", "NM16", "NM61",
            "RGB3",
            "BGR3", "XR24", "AR24", "BGR4", "BX24", "BA24", "RGB4", "GREY", "Y16 ", "M420", "BA81", "GBRG",
            "GRBG",
            "RGGB", "KONI", "PJPG", "S501", "S505", "S508", "S561", "S910", "S920", "SONX", "S401", "S680", "P207",
            "M310",
            "905C", "JL20", "CITV", "O511", "O518",
        ] as [StaticString]).map { PixelFormat($0) }

    /// The same samples in one buffer, for layouts that have a buffer for each plane.
    var inOneBuffer: PixelFormat { Self.contiguous[self] ?? self }

    /// The planes of a picture, in bytes of one row and in rows; nil for compressed layouts and others without rows.
    func planes(width: Int, height: Int) -> [(length: Int, rows: Int)]? {
        let (halfWidth, halfHeight) = ((width + 1) / 2, (height + 1) / 2)
        switch inOneBuffer {
        case .yuv420, Self.yvu420: return [(width, height), (halfWidth, halfHeight), (halfWidth, halfHeight)]
        case .nv12: return [(width, height), (2 * halfWidth, halfHeight)]
        case Self.nv16, Self.nv61: return [(width, height), (2 * halfWidth, height)]
        case _ where Self.woven.contains(self): return [(width, height + halfHeight)]
        default: return Self.bytesPerPixel[self].map { [(width * $0, height)] }
        }
    }

    private static let yvu420 = PixelFormat("YV12")
    private static let nv16 = PixelFormat("NV16")
    private static let nv61 = PixelFormat("NV61")

    private static let contiguous: [PixelFormat: PixelFormat] = [
        PixelFormat("YM12"): .yuv420, PixelFormat("YM21"): yvu420, PixelFormat("NM12"): .nv12,
        PixelFormat("NM16"): nv16, PixelFormat("NM61"): nv61,
    ]

    /// Twelve bits a pixel, with luminance and colour in turns.
    private static let woven = Set(
        (["M420", "KONI", "S501", "S505", "S508", "S920", "CITV"] as [StaticString]).map { PixelFormat($0) })

    private static let bytesPerPixel: [PixelFormat: Int] = [
        .grey: 1, PixelFormat("BA81"): 1, PixelFormat("GBRG"): 1, PixelFormat("GRBG"): 1, PixelFormat("RGGB"): 1,
        PixelFormat("S680"): 1,
        .yuyv: 2, PixelFormat("UYVY"): 2, PixelFormat("YVYU"): 2, PixelFormat("Y16 "): 2,
        PixelFormat("RGB3"): 3, PixelFormat("BGR3"): 3, PixelFormat("RGB4"): 4,
        PixelFormat("BGR4"): 4, PixelFormat("XR24"): 4, PixelFormat("AR24"): 4, PixelFormat("BX24"): 4,
        PixelFormat("BA24"): 4,
    ]
}
