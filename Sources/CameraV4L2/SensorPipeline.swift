import NodeMedia

/// The kernel's parts of a camera that only libcamera makes pictures of, as Raspberry Pis have them: receiver, image processor, codec.
enum SensorPipeline {
    /// By the driver's name. Some kernels let their nodes pass for cameras; what those show is raw, dark and out of focus.
    static func isPart(driver: String, offering formats: @autoclosure () -> [PixelFormat]) -> Bool {
        if parts.contains(driver) { return true }
        // The receiver also serves HDMI and analogue converters, which deliver finished pictures.
        return driver == "unicam" && !formats().contains(where: finished.contains)
    }

    private static let parts: Set<String> = [
        "bcm2835-isp", "bcm2835-codec", "pispbe", "rp1-cfe", "rpi-hevc-dec", "rpivid",
    ]

    private static let finished = Set(
        (["YUYV", "UYVY", "YVYU", "VYUY", "RGB3", "BGR3", "RGBP"] as [StaticString]).map { PixelFormat($0) })
}
