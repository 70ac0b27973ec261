import LinuxIO
import NodeCamera
import NodeCore
import NodeMedia
import Synchronization

/// The cameras that the kernel's video interface offers by itself: USB cameras, frame grabbers, virtual cameras.
///
/// A camera goes on streaming after a picture; `run` closes those that nobody asked for `keepWarm` long. Without it they stay open
/// until the process ends.
package final class V4L2CameraDriver: CameraDriver, Service {
    private let keepWarm: Duration
    private let lightMeter: any LightMeter
    private let timekeeper: any Timekeeper
    private let catalog = CameraCatalog(root: "/dev")
    /// By node. One that is closed stays: it is a thread that sleeps, and the next picture is likely to be of the same camera.
    private let cameras = Mutex<[String: V4L2Camera]>([:])
    private let uses = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))

    package init(keepWarm: Duration, lightMeter: any LightMeter, timekeeper: any Timekeeper) {
        self.keepWarm = keepWarm
        self.lightMeter = lightMeter
        self.timekeeper = timekeeper
    }

    package func cameras() async throws(CameraError) -> [CameraInfo] {
        let ours = inUse
        return try await onOwnThread("camera list") { [catalog] () -> Result<[CameraInfo], CameraError> in
            do throws(CameraError) { return .success(try catalog.list(ours: ours)) } catch { return .failure(error) }
        }.get()
    }

    package func open(_ id: CameraInfo.ID?) async throws(CameraError) -> any Camera {
        try camera(at: try await find(id) { path in path })
    }

    package func open(
        _ id: CameraInfo.ID?, among names: [CameraInfo.ID]
    ) async throws(CameraError) -> (camera: any Camera, names: [CameraInfo.ID]) {
        let found = try await find(id) { [catalog] path throws(CameraError) in
            (path: path, names: try catalog.names(at: path, among: names))
        }
        return (try camera(at: found.path), found.names)
    }

    package func identify(_ name: CameraInfo.ID?) async throws(CameraError) -> CameraInfo.ID {
        try await find(name) { [catalog] path throws(CameraError) in try catalog.id(at: path) }
    }

    /// What `body` makes of the node of that camera.
    private func find<R: Sendable>(
        _ name: CameraInfo.ID?, _ body: @escaping @Sendable (String) throws(CameraError) -> R
    ) async throws(CameraError) -> R {
        let known = inUse
        return try await onOwnThread("camera find") { [catalog] () -> Result<R, CameraError> in
            do throws(CameraError) { return .success(try body(try catalog.find(name, known: known))) } catch {
                return .failure(error)
            }
        }.get()
    }

    /// Closes what is not used any more, until cancelled.
    package func run() async throws {
        for await _ in uses.stream {
            while let since = all.compactMap(\.unusedSince).min() {
                try await timekeeper.sleep(until: since + keepWarm)
                let limit = timekeeper.now - keepWarm
                // One that is taking a picture is not asked: a driver that hangs must not keep the other cameras on.
                for camera in all where camera.unusedSince != nil { await camera.closeIfUnused(since: limit) }
            }
        }
        throw CancellationError()
    }

    private var all: [V4L2Camera] { cameras.withLock { Array($0.values) } }

    private var inUse: Set<String> {
        cameras.withLock { Set($0.filter(\.value.isInUse).keys) }
    }

    private func camera(at path: String) throws(CameraError) -> V4L2Camera {
        if let camera = cameras.withLock({ $0[path] }) { return camera }
        let fresh = try V4L2Camera(path: path, lightMeter: lightMeter) { [uses] in uses.continuation.yield() }
        return cameras.withLock { cameras in
            let camera = cameras[path] ?? fresh
            cameras[path] = camera
            return camera
        }
    }
}
