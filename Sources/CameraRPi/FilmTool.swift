import LinuxIO
import NodeCamera
import NodeCore
import NodeMedia

/// Runs the program that films, for one clip.
struct FilmTool: Sendable {
    let program: CameraProgram
    let devices: MediaDevices
    let timekeeper: any Timekeeper
    let loop: EventLoop
    let log: Log

    /// How long the program may take to start, and then be silent.
    private static let patience = Duration.seconds(10)

    /// Hands on what the camera sends, until cancelled. Never returns otherwise: it throws why there is no more.
    ///
    /// A frame's time is when its first bytes came: the program's own times are not on a clock of ours.
    func film(
        _ request: FilmRequest, of camera: ListedCamera, to frames: FrameSequence
    ) async throws(CameraError) {
        do {
            var encodings = FilmArguments.encodings[...]
            var complaint: Complaint
            repeat {
                let words = FilmArguments.film(request, of: camera) + encodings.removeFirst()
                complaint = try await run(words, of: camera, to: frames)
            } while complaint.isAboutOption && !encodings.isEmpty
            throw complaint.error(of: camera.id, on: devices)
        } catch let error as CameraError {
            throw error
        } catch let ProgramRun.Failure.notStarted(errno) {
            throw .failed(program.path, reason: "it cannot be started: \(errno)")
        } catch let error as Errno {
            throw .failed(program.path, reason: "\(error)")
        } catch {
            throw .cancelled
        }
    }

    private func run(
        _ words: [String], of camera: ListedCamera, to frames: FrameSequence
    ) async throws -> Complaint {
        try await ProgramStream.run(program.path, words, on: loop) { stream in
            let size = FilmArguments.size(of: camera)
            var units = AccessUnits()
            while let bytes = try await next(of: stream, camera) {
                for unit in units.append(bytes, at: .now) {
                    frames.offer(
                        Image(
                            width: size.width, height: size.height, format: .h264, bytes: unit.bytes,
                            capturedAt: unit.time))
                }
                if units.isTooMuch {
                    throw CameraError.unsupported(camera.id, reason: "\(program.path) writes no H.264")
                }
            }
            let status = try await stream.ended()
            log.debug("Camera program ended", ["program": program.path, "how": "\(status)", "said": stream.said])
            return Complaint(stream.said, status, of: program)
        }
    }

    private func next(of stream: ProgramStream, _ camera: ListedCamera) async throws -> [UInt8]? {
        let result = await timekeeper.within(Self.patience) { () -> Result<[UInt8]?, any Error> in
            do { return .success(try await stream.next()) } catch { return .failure(error) }
        }
        guard let result else {
            try Task.checkCancellation()
            throw Complaint(stream.said, of: program).error(of: camera.id, on: devices)
        }
        return try result.get()
    }
}
