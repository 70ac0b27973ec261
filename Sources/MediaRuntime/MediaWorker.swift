import CameraPattern
import CameraRPi
import CameraV4L2
import ClipChannel
import CodecJPEG
import CodecPNG
import DBus
import LinuxIO
import NodeAudio
import NodeCamera
import NodeCore
import NodeMedia
import NodeNotify
import NodeScreen
import ScreenFramebuffer
import ScreenWayland
import ScreenX11
import SoundALSA
import SoundPulse
import Worker

/// The media worker put together: the only place that knows device drivers.
package struct MediaWorker: Service {
    private let registry: CommandRegistry
    private let cameras: V4L2CameraDriver
    private let screen: WarmScreen
    private let conditions: AsyncStream<ConditionChange>
    private let linger: Duration
    private let loop: EventLoop
    private let log: Log

    /// Reads its part of the daemon's configuration, which holds sections that are none of its business, and of the
    /// environment's `variables`.
    package init(
        _ configuration: ConfigurationValue?, variables: [String: String], loop: EventLoop
    ) throws(ConfigurationError) {
        var section = try ConfigurationSection(configuration)
        let camera = try section.section("camera") { section throws(ConfigurationError) in
            try CameraConfiguration(&section)
        }
        let audio = try section.section("audio") { section throws(ConfigurationError) in
            try AudioConfiguration(&section)
        }
        let screen = try section.section("screen") { section throws(ConfigurationError) in
            try ScreenConfiguration(&section)
        }
        let level = try section.choice("logLevel", Log.Level.self) ?? .info
        let format = try section.choice("logFormat", Log.Format.self) ?? .usual(stream: variables["JOURNAL_STREAM"])
        log = Log(level: level, format: format).with(["worker": "clawnode-media"])
        cameras = V4L2CameraDriver(keepWarm: camera.keepWarm, lightMeter: TurboJPEGLightMeter(), timekeeper: loop)
        let ribbon = RPiCameraDriver(searchPath: variables["PATH"] ?? "", on: loop, log: log)
        // A camera on a ribbon cable stays: with it first the default does not change when a webcam is plugged in.
        let real: [any CameraDriver] = [ribbon, cameras]
        let drivers = CameraSet(camera.pattern ? real + [PatternDriver(timekeeper: loop)] : real)
        let driver = NamedCameras(drivers, camera.placements)
        let clipEncoder = EncoderHost(variables: variables, on: loop, log: log)
        let (conditions, change) = AsyncStream.makeStream(of: ConditionChange.self)
        self.conditions = conditions
        // In a session its server has the devices, and where none runs they are free.
        let sound = SoundSystem(
            [PulseDriver(variables: variables, on: loop), ALSADriver(configured: audio.source)], usual: audio.source,
            timekeeper: loop, log: log, report: { change.yield($0) })
        let patience = ClipRecorder.microphonePatience
        let capability = CameraCapability.capability(
            driver: driver, encoder: TurboJPEGEncoder(),
            recorder: ClipRecorder(
                encoder: clipEncoder, microphone: sound.microphone(for: "camera.clip", patience: patience)),
            configuration: camera)
        let microphone = AudioCapability.capability(system: sound, encoder: clipEncoder)
        // The first that has a session: what is in front of the others hides them.
        let x11 = X11Driver(configured: screen.display, variables: variables, on: loop)
        let wayland = WaylandDriver(variables: variables, on: loop)
        let framebuffer = FramebufferDriver(timekeeper: loop)
        // Who names an X server means that.
        let screens: [any ScreenDriver] = screen.display == nil ? [wayland, x11, framebuffer] : [x11]
        self.screen = WarmScreen(drivers: screens, timekeeper: loop)
        let display = ScreenCapability.capability(
            screen: self.screen, consoles: VirtualConsoles(), encoder: TurboJPEGEncoder(), pngEncoder: LibPNGEncoder(),
            converter: TurboJPEGConverter(),
            recorder: ClipRecorder(
                encoder: clipEncoder, microphone: sound.playback(for: "screen.record", patience: patience)))
        // Asked for by nobody but who knows that this is a session's.
        let notices = NotifyCapability.desktop(bus: .session(variables: variables), loop: loop)
        registry = CommandRegistry(
            capability.handlers + microphone.handlers + display.handlers + notices.handlers)
        // Longer than any device stays warm: a fresh process would have to warm it up again.
        linger = max(.seconds(10), camera.keepWarm + .seconds(5))
        self.loop = loop
    }

    private var services: [any Service] { [cameras, screen] }

    /// Serves the daemon on the channel that this process was given, until either ends it.
    package func run() async throws {
        try await WorkerService.serve(
            registry, beside: services, linger: linger, telling: conditions, on: loop, log: log)
    }

    /// Serves the daemon that listens at `path`, with a worker of its own each time: what one has opened ends with it. `isReplaced` as in
    /// `WorkerService.dialIn`.
    package static func dialIn(
        to path: String, isReplaced: Bool, _ configuration: ConfigurationValue?, variables: [String: String],
        loop: EventLoop
    ) async throws {
        // What cannot be understood ends it before it has dialled.
        let log = try MediaWorker(configuration, variables: variables, loop: loop).log
        try await WorkerService.dialIn(to: path, isReplaced: isReplaced, on: loop, log: log) { socket, stop in
            let worker = try MediaWorker(configuration, variables: variables, loop: loop)
            let service = WorkerService(
                registry: worker.registry, socket: socket, linger: nil, timekeeper: loop, log: log,
                conditions: worker.conditions)
            try await service.run(beside: worker.services, until: stop)
        }
    }
}
