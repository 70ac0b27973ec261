import LinuxIO
import NodeCamera
import NodeMedia

/// One camera that is drawn: for demonstrations and machines without a camera. It needs no warming up.
package struct PatternDriver: CameraDriver {
    package static let id: CameraInfo.ID = "pattern"

    private let timekeeper: any Timekeeper

    package init(timekeeper: any Timekeeper) {
        self.timekeeper = timekeeper
    }

    package func cameras() async throws(CameraError) -> [CameraInfo] {
        let format = CameraInfo.Format(
            .yuv420, width: TestPicture.width, height: TestPicture.height, fps: Double(PatternCamera.framesPerSecond))
        return [CameraInfo(id: Self.id, name: "Test pattern", deviceType: "pattern", formats: [format])]
    }

    package func open(_ id: CameraInfo.ID?) async throws(CameraError) -> any Camera {
        guard id == nil || id == Self.id else { throw .notFound(id ?? "", known: [Self.id]) }
        return PatternCamera(timekeeper: timekeeper)
    }
}
