import NodeCore
import NodeMedia

/// What its owner says of one camera: `camera.aliases.NAME` in the configuration.
package struct CameraPlacement: Equatable, Sendable {
    let alias: CameraInfo.ID
    /// Any name that the camera's driver knows.
    let device: CameraInfo.ID
    let position: CameraPosition?
    let orientation: Orientation

    init(
        alias: CameraInfo.ID, device: CameraInfo.ID, position: CameraPosition? = nil,
        orientation: Orientation = .upright
    ) {
        self.alias = alias
        self.device = device
        self.position = position
        self.orientation = orientation
    }

    init(alias: CameraInfo.ID, _ section: inout ConfigurationSection) throws(ConfigurationError) {
        let told = try section.string(
            "device", "The camera: any name of it that `camera.list` shows, or a path below /dev. Must be there.")
        guard let device = told else {
            throw section.error("device", "is missing: a name of the camera, as `clawnode invoke camera.list` shows it")
        }
        let degrees = try section.integer(
            "rotate", in: 0...270, or: 0, "By how many degrees its pictures are turned clockwise: 0, 90, 180 or 270.")
        guard let turn = Orientation.Turn(rawValue: degrees) else {
            throw section.error("rotate", "must be 0, 90, 180 or 270")
        }
        self.init(
            alias: alias, device: device,
            position: try section.choice(
                "position", CameraPosition.self,
                "Where it looks, for requests that ask for a side and not for a camera."),
            orientation: Orientation(
                turn: turn,
                isMirrored: try section.bool(
                    "mirror", or: false, "Left and right change places in its pictures, before they are turned."))
        )
    }
}
