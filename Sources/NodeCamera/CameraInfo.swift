import NodeMedia

/// One camera as `camera.list` shows it (node-commands §4.1). The first four members are what every consumer reads.
package struct CameraInfo: Encodable, Equatable, Sendable {
    package typealias ID = String

    /// One size in one layout, with the highest rate the camera offers it at.
    package struct Format: Encodable, Equatable, Sendable {
        package let fourcc: String
        package let width: Int
        package let height: Int
        package let fps: Double

        package init(_ format: PixelFormat, width: Int, height: Int, fps: Double) {
            fourcc = format.description
            self.width = width
            self.height = height
            self.fps = fps
        }
    }

    /// Stays the same across reboots and plugging where the machine makes that possible.
    package let id: ID
    package let name: String
    package var position: CameraPosition
    /// Which back-end serves it: `v4l2`, `libcamera`, `pattern`.
    package let deviceType: String
    /// The name that its owner gave it.
    package var alias: String?
    /// Where it is plugged in, in the kernel's words.
    package let bus: String?
    package let formats: [Format]
    /// Somebody else is taking pictures with it right now.
    package let busy: Bool

    package init(
        id: ID, name: String, position: CameraPosition = .unknown, deviceType: String, bus: String? = nil,
        formats: [Format] = [], busy: Bool = false
    ) {
        self.id = id
        self.name = name
        self.position = position
        self.deviceType = deviceType
        self.bus = bus
        self.formats = formats
        self.busy = busy
    }
}

/// Where a camera looks, seen from the one who holds the machine.
package enum CameraPosition: String, CaseIterable, Encodable, Sendable {
    case front, back, unknown
}
