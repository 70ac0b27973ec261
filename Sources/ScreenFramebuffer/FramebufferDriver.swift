import LinuxIO
import NodeMedia
import NodeScreen

/// What the kernel itself shows: the framebuffers of consoles, and of programs that draw there without a desktop.
package struct FramebufferDriver: ScreenDriver {
    private let files: GraphicsFiles
    private let timekeeper: any Timekeeper

    package init(timekeeper: any Timekeeper) {
        self.init(root: "", timekeeper: timekeeper)
    }

    init(root: String, timekeeper: any Timekeeper) {
        files = GraphicsFiles(root: root)
        self.timekeeper = timekeeper
    }

    package func session() async throws(ScreenError) -> (any ScreenSession)? {
        let files = files
        let isNone = await onOwnThread("framebuffer") { files.framebuffers.isEmpty }
        return isNone ? nil : FramebufferSession(files: files, timekeeper: timekeeper)
    }
}

private struct FramebufferSession: ScreenSession {
    let files: GraphicsFiles
    let timekeeper: any Timekeeper

    /// Those that nobody has covered. What else is wrong with one is told only when there is no other.
    func outputs() async throws(ScreenError) -> [ScreenOutput] {
        let files = files
        return try await onOwnThread("framebuffer") { () -> Result<[ScreenOutput], ScreenError> in
            var outputs: [ScreenOutput] = []
            var failure: ScreenError?
            for name in files.framebuffers {
                do throws(ScreenError) {
                    let output = try FramebufferView(name, files).output
                    outputs.append(output)
                } catch { failure = failure ?? error }
            }
            if outputs.isEmpty, let failure { return .failure(failure) }
            return .success(outputs)
        }.get()
    }

    func open(_ output: ScreenOutput) async throws(ScreenError) -> any Screen {
        FramebufferScreen(output, files, timekeeper: timekeeper)
    }
}
