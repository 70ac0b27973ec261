import LinuxIO
import NodeCamera
import NodeCore
import Synchronization

/// The cameras on the ribbon connectors of a Raspberry Pi, and whatever else `rpicam-still` can take pictures with.
///
/// What such a sensor delivers is no picture yet: libcamera makes one of it, in a program of its own that may hang and crash.
package final class RPiCameraDriver: CameraDriver {
    /// What the program has said, and until when that counts: it takes a second to say it.
    private struct Memory {
        let program: CameraProgram
        let nodes: [String]
        let cameras: Result<[ListedCamera], CameraError>
        let end: ContinuousClock.Instant?
    }

    private let searchPath: String
    private let devices: MediaDevices
    private let timekeeper: any Timekeeper
    private let loop: EventLoop
    private let log: Log
    private let listing = Turn()
    private let memory = Mutex<Memory?>(nil)
    private let uses = Mutex<[CameraInfo.ID: CameraUse]>([:])
    private let hasToldMissing = Mutex(false)

    /// The program is looked for in `searchPath`, which is written like `PATH`.
    package convenience init(searchPath: String, on loop: EventLoop, log: Log) {
        self.init(searchPath: searchPath, devices: MediaDevices(), timekeeper: loop, on: loop, log: log)
    }

    init(searchPath: String, devices: MediaDevices, timekeeper: any Timekeeper, on loop: EventLoop, log: Log) {
        self.searchPath = searchPath
        self.devices = devices
        self.timekeeper = timekeeper
        self.loop = loop
        self.log = log
    }

    package func cameras() async throws(CameraError) -> [CameraInfo] {
        guard let tool = try tool() else { return [] }
        return try await list(with: tool).map(\.info)
    }

    package func open(_ name: CameraInfo.ID?) async throws(CameraError) -> any Camera {
        let (camera, _, tool) = try await find(name)
        return self.camera(camera, tool)
    }

    package func open(
        _ name: CameraInfo.ID?, among names: [CameraInfo.ID]
    ) async throws(CameraError) -> (camera: any Camera, names: [CameraInfo.ID]) {
        let (camera, all, tool) = try await find(name)
        return (self.camera(camera, tool), names.filter { Self.camera(named: $0, in: all)?.id == camera.id })
    }

    private func camera(_ camera: ListedCamera, _ tool: StillTool) -> RPiCamera {
        let use = uses.withLock { uses in
            let use = uses[camera.id] ?? CameraUse()
            uses[camera.id] = use
            return use
        }
        let filmTool = CameraProgram.find(CameraProgram.films, in: searchPath).map {
            FilmTool(program: $0, devices: devices, timekeeper: timekeeper, loop: loop, log: log)
        }
        return RPiCamera(camera: camera, tool: tool, filmTool: filmTool, use: use) { [weak self] in
            self?.memory.withLock { $0 = nil }
        }
    }

    package func identify(_ name: CameraInfo.ID?) async throws(CameraError) -> CameraInfo.ID {
        try await find(name).0.id
    }

    /// By id, or by model.
    private static func camera(named name: CameraInfo.ID, in cameras: [ListedCamera]) -> ListedCamera? {
        cameras.first { $0.id == name } ?? cameras.first { $0.model == name }
    }

    /// Out of all that there are.
    private func find(_ name: CameraInfo.ID?) async throws(CameraError) -> (ListedCamera, [ListedCamera], StillTool) {
        let isOurs = name.map(ListedCamera.isLikely) ?? false
        // Whoever has webcams only shall not wait for a program that finds nothing.
        guard isOurs || devices.mayHaveSensor, let tool = try tool() else {
            if let name { throw .notFound(name, known: []) }
            throw .noCamera
        }
        let cameras: [ListedCamera]
        do throws(CameraError) { cameras = try await list(with: tool) } catch {
            // Our trouble must not hide the cameras of others.
            if let name, !isOurs, error != .cancelled { throw .notFound(name, known: []) }
            throw error
        }
        guard let name else {
            guard let first = cameras.first else { throw .noCamera }
            return (first, cameras, tool)
        }
        guard let camera = Self.camera(named: name, in: cameras) else {
            throw .notFound(name, known: cameras.map(\.id))
        }
        return (camera, cameras, tool)
    }

    /// Nil on a machine that shows no need for it.
    private func tool() throws(CameraError) -> StillTool? {
        if let program = CameraProgram.find(in: searchPath) {
            return StillTool(program: program, devices: devices, timekeeper: timekeeper, loop: loop, log: log)
        }
        guard devices.hasReceiver else { return nil }
        let error = CameraError.unsupported(
            "the camera on the ribbon cable",
            reason: "rpicam-still is missing; run `sudo apt install \(CameraProgram.package)`")
        let isNews = hasToldMissing.withLock { hasTold in
            defer { hasTold = true }
            return !hasTold
        }
        // Other cameras hide it from whoever asks for a list.
        if isNews { log.warning("Camera not usable", ["cause": error.refusal.message], id: .cameraUnusable) }
        throw error
    }

    /// Asks the program, unless it has answered since anything changed. Those who ask at the same time get one answer.
    private func list(with tool: StillTool) async throws(CameraError) -> [ListedCamera] {
        do { try await listing.take() } catch { throw .cancelled }
        defer { listing.leave() }
        let nodes = devices.nodes
        if let memory = memory.withLock({ $0 }), memory.program == tool.program, memory.nodes == nodes,
            memory.end.map({ timekeeper.now < $0 }) ?? true
        {
            return try memory.cameras.get()
        }
        do throws(CameraError) {
            let cameras = try await tool.cameras()
            memory.withLock {
                $0 = Memory(program: tool.program, nodes: nodes, cameras: .success(cameras), end: nil)
            }
            return cameras
        } catch {
            // What failed may work again soon, but a program that hangs is not asked for each picture.
            let end = error == .cancelled ? timekeeper.now : timekeeper.now + .seconds(10)
            memory.withLock {
                $0 = Memory(program: tool.program, nodes: nodes, cameras: .failure(error), end: end)
            }
            throw error
        }
    }
}
