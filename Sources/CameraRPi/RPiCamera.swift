import LinuxIO
import NodeCamera
import NodeMedia

/// One camera, and the program that takes its pictures: a process for each.
struct RPiCamera: Camera {
    let camera: ListedCamera
    let tool: StillTool
    /// The camera's: who asks at the same time waits.
    let turn: Turn
    /// Called when the camera is not where it was.
    let isGone: @Sendable () -> Void

    func still(_ request: StillRequest) async throws(CameraError) -> Image {
        do { try await turn.take() } catch { throw .cancelled }
        defer { turn.leave() }
        // Other programs let go of a camera when theirs ends: a busy one is tried for two seconds.
        let end = tool.timekeeper.now + .seconds(2)
        while true {
            do throws(CameraError) { return try await tool.picture(request, of: camera) } catch {
                if case .gone = error { isGone() }
                guard case .busy = error, tool.timekeeper.now < end else { throw error }
            }
            do { try await tool.timekeeper.sleep(for: .milliseconds(200)) } catch { throw .cancelled }
        }
    }
}
