import LinuxIO
import NodeCamera
import NodeMedia

/// One camera, and the programs that take its pictures and clips: a process for each. What the one has the other cannot have, so
/// there are no pictures during a clip.
struct RPiCamera: Camera {
    let camera: ListedCamera
    let tool: StillTool
    /// Nil where that program is not installed.
    let filmTool: FilmTool?
    let use: CameraUse
    /// Called when the camera is not where it was.
    let isGone: @Sendable () -> Void

    func still(_ request: StillRequest) async throws(CameraError) -> Image {
        if use.isFilming { throw filming }
        try await take()
        defer { use.turn.leave() }
        return try await whenFree { () throws(CameraError) in try await tool.picture(request, of: camera) }
    }

    func film<R: Sendable>(
        _ request: FilmRequest, _ body: @Sendable (ClipPlan.Video, FrameSequence) async throws -> R
    ) async throws -> R {
        guard let filmTool else {
            throw CameraError.unsupported(
                camera.id,
                reason: "\(CameraProgram.films[0]) is missing; run `sudo apt install \(CameraProgram.package)`")
        }
        if use.isFilming { throw filming }
        // While it waits for a picture too: who came after it would have to wait for its end.
        use.isFilming = true
        defer { use.isFilming = false }
        try await take()
        defer { use.turn.leave() }
        let frames = FrameSequence(of: .h264)
        let size = FilmArguments.size(of: camera)
        let video = ClipPlan.Video(
            format: .h264, width: size.width, height: size.height, framesPerSecond: FilmRequest.framesPerSecond)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                do throws(CameraError) {
                    try await whenFree { () throws(CameraError) in
                        try await filmTool.film(request, of: camera, to: frames)
                    }
                } catch { frames.finish(error) }
            }
            defer { group.cancelAll() }
            return try await body(video, frames)
        }
    }

    private func take() async throws(CameraError) {
        do { try await use.turn.take() } catch { throw .cancelled }
    }

    private var filming: CameraError { .busy(camera.id, by: ["a clip that is being recorded"]) }

    /// Other programs let go of a camera when theirs ends: a busy one is tried for two seconds.
    private func whenFree<R>(_ body: () async throws(CameraError) -> R) async throws(CameraError) -> R {
        let end = tool.timekeeper.now + .seconds(2)
        while true {
            do throws(CameraError) { return try await body() } catch {
                if case .gone = error { isGone() }
                guard case .busy = error, tool.timekeeper.now < end else { throw error }
            }
            do { try await tool.timekeeper.sleep(for: .milliseconds(200)) } catch { throw .cancelled }
        }
    }
}
