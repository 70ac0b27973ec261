import NodeCore
import NodeMedia

/// The `screen` family as a whole.
package enum ScreenCapability {
    package static let name = "screen"
    package static let summary = "A gateway may see what this machine's screens show, and record it."

    /// What each command is for.
    package static let manual: [(name: CommandName, summary: String)] = [
        (ScreenList.name, ScreenList.summary), (ScreenSnapshot.name, ScreenSnapshot.summary),
        (ScreenRecord.name, ScreenRecord.summary), (ConsoleSnapshot.name, ConsoleSnapshot.summary),
    ]
    /// The names by themselves, for whoever forwards the commands to where the drivers are.
    package static let commands = manual.map(\.name)
    /// Those about desktops; consoles are the machine's.
    package static let ofSession = commands.filter { $0 != ConsoleSnapshot.name }

    /// `encoder` is for single pictures, `converter` for moving ones.
    package static func capability(
        screen: WarmScreen, consoles: any TextConsoles, encoder: any ImageEncoder, pngEncoder: any PNGEncoder,
        converter: any PictureConverter, recorder: ClipRecorder
    ) -> Capability {
        Capability(
            name: name,
            handlers: [
                Handler(ScreenList(screens: screen.screens)),
                Handler(
                    ScreenSnapshot(
                        screen: screen, jpegEncoder: encoder, pngEncoder: pngEncoder, frames: FrameTable())),
                Handler(ScreenRecord(screens: screen.screens, converter: converter, recorder: recorder)),
                Handler(ConsoleSnapshot(consoles: consoles)),
            ])
    }
}
