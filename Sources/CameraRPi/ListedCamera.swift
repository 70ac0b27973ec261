import NodeCamera

/// One camera as `rpicam-still --list-cameras` shows it.
struct ListedCamera: Equatable, Sendable {
    struct Size: Hashable, Sendable {
        let width: Int
        let height: Int
    }

    struct Mode: Equatable, Sendable {
        let size: Size
        /// 0 where the program does not say.
        let framesPerSecond: Double
    }

    /// What `--camera` knows it by.
    let number: Int
    /// `imx219`.
    let model: String
    /// libcamera's: where the sensor sits in the machine's device tree, `/base/soc/i2c0mux/i2c@1/imx219@10`.
    let id: CameraInfo.ID
    let sensor: Size?
    /// The largest first.
    let modes: [Mode]

    /// libcamera also finds webcams, and early programs show them: those are the kernel's to offer. Their ids end in interface,
    /// vendor and product: `-1.2:1.0-32e4:9422`.
    var isWebcam: Bool {
        if id.contains("/usb") { return true }
        let product = (id.split(separator: "-").last ?? "").split(separator: ":", omittingEmptySubsequences: false)
        return product.count == 2 && product.allSatisfy { $0.count == 4 && $0.allSatisfy(\.isHexDigit) }
    }

    /// Whether an id can be one of libcamera's, which are paths in a device tree or in ACPI's.
    static func isLikely(_ id: CameraInfo.ID) -> Bool { id.hasPrefix("/base/") || id.hasPrefix("\\_SB") }

    var info: CameraInfo {
        // The sensor's layouts are raw; what is delivered is a JPEG of any size up to the sensor's.
        let formats = modes.map {
            CameraInfo.Format(.jpeg, width: $0.size.width, height: $0.size.height, fps: $0.framesPerSecond)
        }
        return CameraInfo(id: id, name: model, deviceType: "libcamera", formats: formats)
    }

    /// The whole sensor's picture, `maxWidth` wide; nil where its size is not known.
    func picture(maxWidth: Int) -> Size? {
        guard let sensor else { return nil }
        // JPEGs with odd sides are refused, and scaling down has its limits.
        let width = min(max(maxWidth, 320), sensor.width) & ~1
        let height = (width * sensor.height + sensor.width / 2) / sensor.width & ~1
        return height > 0 ? Size(width: width, height: height) : nil
    }
}
