import Glibc
import LinuxIO
import NodeScreen

/// The screens of a Wayland compositor, by its own protocols. No compositor is started.
package struct WaylandDriver: ScreenDriver {
    private let folder: String
    private let named: String?
    private let loop: EventLoop

    /// `variables` of the environment say where the compositor listens; else it is the only one of this user.
    package init(variables: [String: String], on loop: EventLoop) {
        folder = variables["XDG_RUNTIME_DIR"] ?? "/run/user/\(geteuid())"
        named = variables["WAYLAND_DISPLAY"].flatMap { $0.isEmpty ? nil : $0 }
        self.loop = loop
    }

    package func session() async throws(ScreenError) -> (any ScreenSession)? {
        let folder = folder
        let names: [String]
        if let named {
            names = [named]
        } else {
            names = await onOwnThread("wayland") { Self.found(in: folder) }
        }
        var compositors: [WaylandConnection] = []
        for name in names {
            let path = name.hasPrefix("/") ? name : "\(folder)/\(name)"
            if let compositor = try await WaylandConnection.open(
                path, name: "the Wayland compositor \(name)", on: loop)
            {
                compositors.append(compositor)
            }
        }
        guard let compositor = compositors.first else { return nil }
        guard compositors.count == 1 else {
            throw .unsupported(
                "what \(compositors.map(\.name).joined(separator: " and ")) show",
                reason: "the node does not know which is meant; set WAYLAND_DISPLAY in its environment")
        }
        return try await WaylandSession(compositor, on: loop)
    }

    /// The sockets of this user's compositors, also of those that have ended. Blocks.
    static func found(in folder: String) -> [String] {
        // Where there is no such folder nobody listens.
        let names = (try? Directory.names(in: folder)) ?? []
        return names.filter { $0.hasPrefix("wayland-") && !$0.hasSuffix(".lock") }.sorted()
    }
}
