import LinuxIO
import NodeCamera

/// What the program said, besides a picture.
struct Complaint {
    private let said: String
    private let status: ExitStatus?
    private let program: CameraProgram

    /// Without a status it had to be killed.
    init(_ said: String, _ status: ExitStatus? = nil, of program: CameraProgram) {
        (self.said, self.status, self.program) = (said, status, program)
    }

    /// For the log.
    var lastLine: String { lines.last.map(String.init) ?? "" }

    /// Whether it found this machine to be none that it works on; then it has no cameras either.
    var isForeignMachine: Bool { has("only supports the Raspberry Pi platforms") }

    /// Whether its version does not know an option that it was given; it does nothing then.
    var isAboutOption: Bool { has("unrecognised option") || has("unrecognized option") }

    var isAboutPermission: Bool { has("dmaHeap") || has("dma-buf provider") || has("Permission denied") }

    /// What that means for a picture of `camera`, or for the list of cameras.
    func error(of camera: String, on devices: MediaDevices) -> CameraError {
        if has("failed to acquire camera") || has("in use by another process") {
            return .busy(camera, by: ["another program with libcamera (`fuser -v /dev/media*` names it)"])
        }
        if has("no cameras available") || has("selected camera is not available") || has("failed to find camera") {
            return isAboutPermission ? devices.denial : .gone(camera)
        }
        if isAboutOption {
            return .unsupported(
                camera,
                reason: "\(program.path) is too old (\(reason)); "
                    + "run `sudo apt update && sudo apt install \(CameraProgram.package)`")
        }
        if has("appropriate H.264 codec") {
            return .unsupported(
                camera,
                reason: "this machine has no encoder, and \(program.path) brings none; "
                    + "run `sudo apt install \(CameraProgram.encodingPackage)`")
        }
        if has("legacy camera stack") {
            return .unsupported(
                camera,
                reason: "the legacy camera stack is on; take start_x=1 out of config.txt and start the machine again")
        }
        if isForeignMachine { return .unsupported(camera, reason: reason) }
        if has("frontend has timed out") || has("Device timeout detected") {
            return .failed(
                camera,
                reason: "the sensor sends nothing; switch the machine off and seat the camera's ribbon cable anew")
        }
        return isAboutPermission ? devices.denial : .failed(camera, reason: reason)
    }

    /// The line that gives it, as the program marks that, or the last one, or how it ended.
    private var reason: String {
        if let line = lines.last(where: { $0.hasPrefix("ERROR:") }) ?? lines.last {
            // `ERROR: *** no cameras available ***`
            let words = line.split(separator: " ").drop { $0 == "ERROR:" || $0 == "***" }
            return "\(program.name): \((words.last == "***" ? words.dropLast() : words).joined(separator: " "))"
        }
        return switch status {
        case .exited(let code): "\(program.name) ended with status \(code) and no word"
        case .signalled(let number): "\(program.name) was ended by signal \(number)"
        case nil: "\(program.name) did not come to an end; start the machine again if that stays so"
        }
    }

    private var lines: [Substring] { said.split(whereSeparator: \.isNewline) }

    private func has(_ words: String) -> Bool { said.contains(words) }
}
