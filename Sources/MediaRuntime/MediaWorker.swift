import CameraPattern
import CameraV4L2
import CodecJPEG
import LinuxIO
import NodeCamera
import NodeConfiguration
import NodeCore
import Worker

/// The media worker put together: the only place that knows device drivers.
package struct MediaWorker: Service {
    private let service: WorkerService

    /// Serves the daemon at the other end of `socket`. `configuration` may hold sections of others.
    package init(
        _ configuration: ConfigurationValue?, socket: MessageSocket, loop: EventLoop, log: Log
    ) throws(ConfigurationError) {
        var section = try ConfigurationSection(configuration)
        let camera = try section.section("camera") { section throws(ConfigurationError) in
            try CameraConfiguration(&section)
        }
        let real = V4L2CameraDriver(keepWarm: camera.keepWarm, lightMeter: TurboJPEGLightMeter(), timekeeper: loop)
        let driver = CameraSet(camera.pattern ? [real, PatternDriver(timekeeper: loop)] : [real])
        let capability = CameraCapability.capability(
            driver: driver, encoder: TurboJPEGEncoder(), configuration: camera)
        service = WorkerService(
            registry: CommandRegistry(capability.handlers), socket: socket,
            // Longer than any device stays warm: a fresh process would have to warm it up again.
            linger: camera.keepWarm + .seconds(5), timekeeper: loop, log: log)
    }

    package func run() async throws {
        try await service.run()
    }
}
