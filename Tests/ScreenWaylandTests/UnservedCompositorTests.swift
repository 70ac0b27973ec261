import NodeScreen
import NodeTesting
import Testing

@testable import ScreenWayland

/// Compositors that show nothing, and what becomes of who asks them.
@Suite(.timeLimit(.minutes(1))) struct UnservedCompositorTests {
    @Test(
        "a compositor that hands out nothing is known by what only it offers",
        arguments: [
            (["wl_shm", "gtk_shell1"], "wayland-0 (GNOME)"), (["org_kde_plasma_shell"], "wayland-0 (KDE Plasma)"),
            (["wl_shm"], "wayland-0"),
        ])
    func unserved(interfaces: [String], name: String) {
        let error = ScreenError.unservedCompositor("wayland-0", interfaces)
        guard case .unsupported(name, let reason) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(reason.contains("not yet served"))
    }

    @Test("a compositor that never pauses, and never answers, is not listened to for long") func torrent() async throws
    {
        // wl_display.delete_id
        let event = [1, 12 << 16 | 1, 5].flatMap { (word: UInt32) in
            withUnsafeBytes(of: word) { Array($0) }
        }
        try await Torrent.run(event, at: "wayland-0") { folder, loop in
            let driver = WaylandDriver(variables: ["XDG_RUNTIME_DIR": folder.path], on: loop)
            // Another one is told when it was waited for in vain.
            let refused = ScreenError.failed(
                "the Wayland compositor wayland-0", reason: "it does not speak the Wayland protocol")
            await #expect(throws: refused) { _ = try await driver.session() }
        }
    }
}
