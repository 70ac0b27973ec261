import CV4L2
import Glibc
import LinuxIO
import NodeCamera

/// The V4L2 controls that point a camera. They work beside a stream, also another program's.
struct PointingControls: ~Copyable {
    private let device: V4L2Device
    private let path: String
    private let controls: [Pointing.Direction: v4l2_queryctrl]

    init(path: String) throws(CameraError) {
        let device = try V4L2Device.open(path)
        var controls: [Pointing.Direction: v4l2_queryctrl] = [:]
        for direction in Pointing.Direction.allCases {
            guard let control = try Self.control(direction.position, of: device, at: path) else { continue }
            let isUseful = control.flags & CN_CTRL_UNUSABLE == 0 && control.maximum > control.minimum
            if isUseful { controls[direction] = control }
        }
        // All at once: half an object that cannot be copied is too much for the older compiler.
        self.device = device
        self.path = path
        self.controls = controls
    }

    borrowing func pointing() throws(CameraError) -> Pointing {
        var axes: [Pointing.Direction: Pointing.Axis] = [:]
        for (direction, control) in controls {
            var value = v4l2_control(id: control.id, value: 0)
            do throws(Errno) { try device.control(CN_VIDIOC_G_CTRL, &value) } catch {
                throw Self.failure(error, at: path)
            }
            let scale = Scale(direction, from: control.minimum, to: control.maximum)
            axes[direction] = Pointing.Axis(
                direction, current: scale.value(of: value.value), min: scale.value(of: control.minimum),
                max: scale.value(of: control.maximum), step: Double(max(1, control.step)) * scale.unit,
                canSet: control.flags & CN_CTRL_UNSETTABLE == 0, default: scale.value(of: control.default_value))
        }
        guard let pointing = Pointing(axes) else { throw .pointingUnsupported }
        return pointing
    }

    borrowing func point(to targets: [Pointing.Direction: Double]) throws(CameraError) {
        var changes: [Change] = []
        for direction in Pointing.Direction.allCases {
            guard let target = targets[direction] else { continue }
            guard let control = controls[direction] else { throw .axisUnsupported(path, direction) }
            let scale = Scale(direction, from: control.minimum, to: control.maximum)
            changes.append(Change(direction: direction, id: control.id, value: scale.raw(target)))
        }
        try make(changes)
    }

    borrowing func pointHome() throws(CameraError) {
        var changes: [Change] = []
        for direction in Pointing.Direction.allCases {
            guard let control = controls[direction], control.flags & CN_CTRL_UNSETTABLE == 0 else { continue }
            // A camera's own way home also finds its bearings again.
            if let reset = direction.reset, try Self.control(reset, of: device, at: path) != nil {
                changes.append(Change(direction: direction, id: reset, value: 1))
            } else {
                changes.append(Change(direction: direction, id: control.id, value: control.default_value))
            }
        }
        guard !changes.isEmpty else { throw .pointingUnsupported }
        try make(changes)
    }

    private struct Change {
        let direction: Pointing.Direction
        let id: UInt32
        let value: Int32
    }

    private borrowing func make(_ changes: [Change]) throws(CameraError) {
        for (done, change) in changes.enumerated() {
            var value = v4l2_control(id: change.id, value: change.value)
            do throws(Errno) { try device.control(CN_VIDIOC_S_CTRL, &value) } catch {
                guard done > 0, !error.isOfLostDevice else { throw Self.failure(error, at: path) }
                throw .pointedPartly(
                    path, moved: changes.prefix(done).map(\.direction), failed: change.direction,
                    reason: Self.reason(error))
            }
        }
    }

    /// What it means that a control cannot be read or set. With the node open it is no question of who may use the camera.
    static func failure(_ error: Errno, at path: String) -> CameraError {
        error.isOfLostDevice ? .gone(path) : .failed(path, reason: reason(error))
    }

    private static func reason(_ error: Errno) -> String {
        switch error.code {
        // A USB camera's own reasons come as the errors whose names were the nearest.
        case EBUSY: "it is not ready; ask again in a moment"
        // The latter on newer kernels.
        case EILSEQ, EACCES: "it does not do that in its present state"
        case EREMOTE: "it lacks the power for that"
        default: error.description
        }
    }

    private static func control(
        _ id: UInt32, of device: borrowing V4L2Device, at path: String
    ) throws(CameraError) -> v4l2_queryctrl? {
        var query = v4l2_queryctrl()
        query.id = id
        do throws(Errno) { try device.control(CN_VIDIOC_QUERYCTRL, &query) } catch {
            if error.isOfLostDevice { throw .gone(path) }
            // Any other failure means that there is none: some cameras claim axes that they cannot tell about.
            return nil
        }
        return query
    }

    /// Between a control's numbers and the unit of its axis: arc seconds and degrees, or its range and a hundred.
    struct Scale {
        let offset: Double
        let unit: Double

        init(_ direction: Pointing.Direction, from minimum: Int32, to maximum: Int32) {
            offset = direction == .zoom ? Double(minimum) : 0
            unit = direction == .zoom ? 100 / (Double(maximum) - Double(minimum)) : 1.0 / 3_600
        }

        func value(of raw: Int32) -> Double { (Double(raw) - offset) * unit }

        /// The value must be within the control's range.
        func raw(_ value: Double) -> Int32 { Int32((value / unit + offset).rounded()) }
    }
}

extension Pointing.Direction {
    fileprivate var position: UInt32 {
        switch self {
        case .pan: CN_CID_PAN_ABSOLUTE
        case .tilt: CN_CID_TILT_ABSOLUTE
        case .zoom: CN_CID_ZOOM_ABSOLUTE
        }
    }

    fileprivate var reset: UInt32? {
        switch self {
        case .pan: CN_CID_PAN_RESET
        case .tilt: CN_CID_TILT_RESET
        case .zoom: nil
        }
    }
}

extension V4L2Camera {
    nonisolated func pointing() async throws(CameraError) -> Pointing {
        try await withControls { controls throws(CameraError) in try controls.pointing() }
    }

    nonisolated func point(to targets: [Pointing.Direction: Double]) async throws(CameraError) {
        try await withControls { controls throws(CameraError) in try controls.point(to: targets) }
    }

    nonisolated func pointHome() async throws(CameraError) {
        try await withControls { controls throws(CameraError) in try controls.pointHome() }
    }

    /// Not on the camera's own thread: pointing does not wait for a picture.
    private nonisolated func withControls<R: Sendable>(
        _ body: @escaping @Sendable (borrowing PointingControls) throws(CameraError) -> R
    ) async throws(CameraError) -> R {
        try await onOwnThread("camera ptz") { [path] () -> Result<R, CameraError> in
            do throws(CameraError) { return .success(try body(try PointingControls(path: path))) } catch {
                return .failure(error)
            }
        }.get()
    }
}
