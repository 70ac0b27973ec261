import NodeScreen

/// A framebuffer that people can see.
struct FramebufferView: ~Copyable {
    private let device: FramebufferDevice
    private let files: GraphicsFiles
    let layout: FramebufferLayout

    init(_ name: String, _ files: GraphicsFiles) throws(ScreenError) {
        let device = try FramebufferDevice.open(name, below: files.root)
        let layout = try device.layout
        try Self.checkCover(of: device, files)
        self.device = device
        self.files = files
        self.layout = layout
    }

    var output: ScreenOutput { ScreenOutput(name: device.name, width: layout.width, height: layout.height) }

    /// What it shows now; where somebody covers it or switches it off meanwhile there is nothing.
    func look() throws(ScreenError) -> Look {
        try check()
        let now = try device.layout
        guard (now.width, now.height) == (layout.width, layout.height) else { throw .changed(device.name) }
        let rows = try device.rows(of: now)
        try check()
        return Look(layout: now, rows: rows)
    }

    /// One look at it, in the driver's own words.
    struct Look: Equatable, Sendable {
        let layout: FramebufferLayout
        let rows: [UInt8]
    }

    private func check() throws(ScreenError) {
        if let darkness = files.darkness(device.name) { throw darkness }
        try Self.checkCover(of: device, files)
    }

    private static func checkCover(of device: borrowing FramebufferDevice, _ files: GraphicsFiles) throws(ScreenError) {
        if files.hasDriver(device.name), device.isCovered { throw .covered(device.name) }
    }
}
