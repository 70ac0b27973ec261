import LinuxIO
import NodeScreen

/// The desktop of a Wayland compositor that hands out copies of its screens.
struct WaylandSession: ScreenSession {
    private let connection: WaylandConnection
    private let way: WaylandWay
    private let shm: UInt32
    private let loop: EventLoop

    init(_ connection: WaylandConnection, on loop: EventLoop) async throws(ScreenError) {
        guard let way = try await WaylandWay.offered(by: connection),
            let shm = try await connection.bind("wl_shm", upTo: 1)
        else {
            throw .unservedCompositor(connection.name, await connection.globals.map(\.interface))
        }
        self.connection = connection
        self.way = way
        self.shm = shm.object
        self.loop = loop
    }

    func outputs() async throws(ScreenError) -> [ScreenOutput] {
        try await connection.currentOutputs().compactMap { $0.value.output($0.key) }
    }

    func open(_ output: ScreenOutput) async throws(ScreenError) -> any Screen {
        guard let number = await connection.outputs.first(where: { $0.value.output($0.key) == output })?.key else {
            throw .gone(output.name)
        }
        return WaylandScreen(output, number, of: connection, way, shm: shm, on: loop)
    }
}

extension ScreenError {
    /// What only one compositor offers tells which it is.
    private static let marks = [("gtk_shell", "GNOME"), ("org_kde_plasma", "KDE Plasma"), ("weston_", "weston")]

    static func unservedCompositor(_ name: String, _ interfaces: [String]) -> ScreenError {
        let known = marks.first { mark, _ in interfaces.contains { $0.hasPrefix(mark) } }
        return .unsupported(
            known.map { "\(name) (\($0.1))" } ?? name,
            reason:
                "it offers neither ext_image_copy_capture_manager_v1 nor zwlr_screencopy_manager_v1, and other ways are "
                + "not yet served; use an X11 session, or a compositor that offers one of these, like sway or labwc")
    }
}
