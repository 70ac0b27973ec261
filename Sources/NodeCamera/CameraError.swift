import NodeCore

/// Why there is no picture, with what the asker or the machine's owner needs to mend it.
package enum CameraError: Error, Equatable, Sendable {
    /// No camera has that id. The ids that there are.
    case notFound(String, known: [CameraInfo.ID])
    case noCamera
    /// The camera's device file, and the programs that use it, as far as they may be known.
    case busy(String, by: [String] = [])
    /// The camera's device file, and the group and user it takes to open it.
    case permission(String, group: String, user: String)
    /// Unplugged, or taken away by its driver.
    case gone(String)
    /// It streams, or says so, but no picture came in time.
    case noFrame(String)
    /// Pictures came in time, but none was whole.
    case damaged(String)
    case unsupported(String, reason: String)
    /// In the kernel's words.
    case failed(String, reason: String)
    /// More pictures were asked for than the owner allows.
    case tooOften(perSecond: Double)
    case pointingUnsupported
    /// The camera moves, but not that way.
    case axisUnsupported(String, Pointing.Direction)
    /// Some axes moved before one failed.
    case pointedPartly(String, moved: [Pointing.Direction], failed: Pointing.Direction, reason: String)
    case cancelled
}

extension CameraError: RefusalConvertible {
    package var refusal: Refusal {
        switch self {
        case .notFound(let id, []):
            Refusal(
                .invalidRequest,
                "no camera \"\(id.cited)\": this node sees none at all; plug one in")
        case .notFound(let id, let known):
            Refusal(
                .invalidRequest,
                "no camera \"\(id.cited)\"; deviceId is one of: \(known.joined(separator: ", "))")
        case .noCamera:
            Refusal(.cameraUnavailable, "no camera found; plug one in, camera.list shows what the node sees")
        case .busy(let camera, []):
            Refusal(.cameraUnavailable, "camera busy: another program uses \(camera); `fuser -v \(camera)` names it")
        case .busy(let camera, let programs):
            Refusal(
                .cameraUnavailable,
                "camera busy: \(camera) is used by \(programs.joined(separator: ", ")); stop that and ask again")
        case .permission(let path, let group, let user):
            Refusal(
                .cameraPermissionRequired,
                "\(path) belongs to the group \(group); run `sudo usermod -aG \(group) \(user)` and start the node again"
            )
        case .gone(let camera): Refusal(.cameraUnavailable, "\(camera) was unplugged; plug it in and ask again")
        case .noFrame(let camera):
            Refusal(.cameraUnavailable, "\(camera) delivers no pictures; unplug it and plug it in again")
        case .damaged(let camera):
            Refusal(
                .cameraUnavailable,
                "\(camera) delivers damaged pictures only; plug it into another socket or with another cable")
        case .unsupported(let camera, let reason): Refusal(.cameraUnavailable, "\(camera) cannot be used: \(reason)")
        case .failed(let camera, let reason): Refusal(.cameraUnavailable, "\(camera) failed: \(reason)")
        case .tooOften(let rate):
            Refusal(
                .unavailable,
                "RATE_LIMITED: \(rate) pictures a second are allowed here; ask again in a moment, "
                    + "or raise camera.snapsPerSecond in the node's configuration")
        case .pointingUnsupported:
            Refusal(.cameraPTZUnsupported, "this camera cannot be pointed; camera.list shows the others")
        case .axisUnsupported(let camera, let axis):
            Refusal(
                .cameraPTZAxisUnsupported, "\(camera) has no \(axis) that can be set; camera.ptz.status shows its axes")
        case .pointedPartly(let camera, let moved, let failed, let reason):
            Refusal(
                .cameraPTZPartial,
                "\(camera) moved \(moved.map(\.rawValue).joined(separator: " and ")), but not \(failed): \(reason); "
                    + "camera.ptz.status shows where it points")
        case .cancelled: .cancelled
        }
    }
}

extension Refusal.Code {
    package static let cameraUnavailable: Refusal.Code = "CAMERA_UNAVAILABLE"
    package static let cameraPTZUnsupported: Refusal.Code = "CAMERA_PTZ_UNSUPPORTED"
    package static let cameraPTZAxisUnsupported: Refusal.Code = "CAMERA_PTZ_AXIS_UNSUPPORTED"
    package static let cameraPTZPartial: Refusal.Code = "CAMERA_PTZ_PARTIAL"
    package static let cameraPermissionRequired: Refusal.Code = "CAMERA_PERMISSION_REQUIRED"
}
