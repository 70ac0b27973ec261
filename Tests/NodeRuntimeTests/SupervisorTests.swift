import Testing

@testable import NodeRuntime

@Suite struct SupervisorTests {
    @Test(
        "a daemon of systemd's is restarted by systemd, the system's or the user's, any other by whoever started it",
        arguments: [
            ("0::/system.slice/clawnode.service\n", "sudo systemctl restart clawnode"),
            // Both hierarchies, as on machines that still have the first one.
            ("1:name=systemd:/system.slice/clawnode.service\n0::/\n", "sudo systemctl restart clawnode"),
            ("0::/system.slice/system-clawnode.slice/clawnode@yard.service\n", "sudo systemctl restart clawnode@yard"),
            (
                "0::/user.slice/user-1000.slice/user@1000.service/app.slice/clawnode.service\n",
                "systemctl --user restart clawnode"
            ),
            ("0::/user.slice/user-1000.slice/session-3.scope\n", byHand),
            (
                "0::/user.slice/user-1000.slice/user@1000.service/app.slice/app-org.gnome.Terminal.slice/vte-1.scope\n",
                byHand
            ),
            ("0::/system.slice/cron.service\n", byHand), ("0::/\n", byHand), ("", byHand), (":\n/\n", byHand),
        ])
    func restart(cgroups: String, line: String) {
        #expect(Supervisor(cgroups: cgroups, pid: 7).restart == line)
    }

    private static let byHand = "kill 7, then as it was started, like: clawnode run"
}
