import NodeScreen

/// A framebuffer that people can see.
struct FramebufferView: ~Copyable {
    private let device: FramebufferDevice
    private let files: GraphicsFiles
    private let layout: FramebufferLayout
    private let transform: ScreenTransform

    init(_ name: String, _ files: GraphicsFiles) throws(ScreenError) {
        let device = try FramebufferDevice.open(name, below: files.root)
        let layout = try device.layout
        try Self.checkCover(of: device, files)
        transform = Self.transform(of: device, files)
        self.device = device
        self.files = files
        self.layout = layout
    }

    /// The memory knows nothing of how the screen hangs; but what draws there for people, the kernel first, turns what it draws.
    private static func transform(of device: borrowing FramebufferDevice, _ files: GraphicsFiles) -> ScreenTransform {
        let rotation = files.rotation
        guard rotation != 0, let console = VirtualConsoles(root: files.root).active, device.shows(console: console)
        else { return .upright }
        return ScreenTransform(quarters: -rotation)
    }

    var output: ScreenOutput {
        let (width, height) =
            transform.swapsSides ? (layout.height, layout.width) : (layout.width, layout.height)
        return ScreenOutput(name: device.name, width: width, height: height, turn: transform.turn)
    }

    /// What it shows now; where somebody covers it or switches it off meanwhile there is nothing.
    func look() throws(ScreenError) -> Look {
        try check()
        let now = try device.layout
        guard (now.width, now.height) == (layout.width, layout.height) else { throw .changed(device.name) }
        let rows = try device.rows(of: now)
        try check()
        return Look(layout: now, transform: transform, rows: rows)
    }

    /// One look at it, in the driver's own words.
    struct Look: Equatable, Sendable {
        let layout: FramebufferLayout
        let transform: ScreenTransform
        let rows: [UInt8]

        /// As people see it: `PixelFormat.bgrx`.
        var picture: [UInt8] {
            let pixels = layout.bgrx(rows)
            if transform == .upright { return pixels }
            return pixels.withUnsafeBytes {
                transform.upright($0, width: layout.width, height: layout.height, stride: 4 * layout.width)
            }
        }
    }

    private func check() throws(ScreenError) {
        if let darkness = files.darkness(device.name) { throw darkness }
        try Self.checkCover(of: device, files)
    }

    private static func checkCover(of device: borrowing FramebufferDevice, _ files: GraphicsFiles) throws(ScreenError) {
        if files.hasDriver(device.name), device.isCovered { throw .covered(device.name) }
    }
}
