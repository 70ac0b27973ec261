import LinuxIO
import NodeCamera
import NodeCore
import NodeMedia

/// Runs the program for one list or one picture, within limits.
struct StillTool: Sendable {
    let program: CameraProgram
    let devices: MediaDevices
    let timekeeper: any Timekeeper
    let loop: EventLoop
    let log: Log

    /// How long it may take, each several times what the slowest boards need. A picture's time is beyond its warm-up: starting,
    /// switching from preview to picture, encoding.
    private static let listTime = Duration.seconds(10)
    private static let pictureTime = Duration.seconds(15)
    /// Larger than any list, and than a picture of 64 megapixels.
    private static let listLimit = 256 * 1024
    private static let pictureLimit = 64 * 1024 * 1024

    func cameras() async throws(CameraError) -> [ListedCamera] {
        let run = try await run(StillArguments.list, of: program.name, Self.listLimit, within: Self.listTime)
        let complaint = Complaint(run.said, run.status, of: program)
        if let listing = CameraListing(String(decoding: run.output, as: UTF8.self)) {
            let cameras = listing.cameras.filter { !$0.isWebcam }
            if cameras.isEmpty, devices.mayHaveSensor, complaint.isAboutPermission { throw devices.denial }
            return cameras
        }
        if complaint.isForeignMachine { return [] }
        if run.status == .exited(0) {
            throw .unsupported(program.name, reason: "its list of cameras reads like none; is it another program?")
        }
        throw complaint.error(of: program.name, on: devices)
    }

    func picture(_ request: StillRequest, of camera: ListedCamera) async throws(CameraError) -> Image {
        let run = try await run(
            StillArguments.picture(request, of: camera), of: camera.id, Self.pictureLimit,
            within: StillArguments.warmUp(of: request) + Self.pictureTime)
        do throws(JPEGStructure.Flaw) {
            let jpeg = try JPEGStructure(run.output)
            // A program that crashed on its way out has still taken it.
            return Image(
                width: jpeg.width, height: jpeg.height, format: .jpeg, bytes: Array(run.output.prefix(jpeg.length)),
                capturedAt: .now)
        } catch {
            guard run.status == .exited(0) else {
                throw Complaint(run.said, run.status, of: program).error(of: camera.id, on: devices)
            }
            throw run.output.isEmpty ? .noFrame(camera.id) : .damaged(camera.id)
        }
    }

    private func run(
        _ arguments: [String], of camera: String, _ limit: Int, within time: Duration
    ) async throws(CameraError) -> ProgramRun {
        do throws(ProgramRun.Failure) {
            let run = try await ProgramRun.run(
                program.path, arguments, outputLimit: limit, deadline: timekeeper.now + time,
                timekeeper: timekeeper, on: loop)
            log.debug(
                "Camera program ended",
                [
                    "program": program.path, "how": "\(run.status)",
                    "said": Complaint(run.said, of: program).lastLine,
                ])
            return run
        } catch {
            switch error {
            case .cancelled: throw .cancelled
            case .notStarted(let errno): throw .failed(program.path, reason: "it cannot be started: \(errno)")
            case .tooMuch: throw .unsupported(camera, reason: "\(program.path) writes without end")
            case .tooLong(let said):
                log.debug("Camera program hung", ["program": program.path, "said": said])
                throw Complaint(said, of: program).error(of: camera, on: devices)
            }
        }
    }
}
