import LinuxIO
import NodeMedia
import NodeScreen

/// A framebuffer that is looked at. Nobody tells of changes there, so each look is compared with the last.
actor FramebufferScreen: Screen {
    private nonisolated let thread = WorkerThread(name: "framebuffer")
    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    private let output: ScreenOutput
    private let files: GraphicsFiles
    private let timekeeper: any Timekeeper
    private var last: FramebufferView.Look?

    init(_ output: ScreenOutput, _ files: GraphicsFiles, timekeeper: any Timekeeper) {
        self.output = output
        self.files = files
        self.timekeeper = timekeeper
    }

    func picture() async throws(ScreenError) -> Image {
        picture(of: try look())
    }

    func change(lookingEvery interval: Duration) async throws(ScreenError) -> Image {
        while true {
            let now = try look()
            if now != last { return picture(of: now) }
            // Cancelled.
            do { try await timekeeper.sleep(for: interval) } catch { throw .cancelled }
        }
    }

    /// It is opened anew for each: after a change of its driver an open one would show what was.
    private func look() throws(ScreenError) -> FramebufferView.Look {
        let view = try FramebufferView(output.name, files)
        let now = view.output
        guard (now.width, now.height) == (output.width, output.height) else {
            throw .changed(output.name)
        }
        return try view.look()
    }

    private func picture(of look: FramebufferView.Look) -> Image {
        last = look
        return Image(
            width: output.width, height: output.height, format: .bgrx, bytes: look.picture,
            capturedAt: .now)
    }
}
