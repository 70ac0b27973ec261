import Manual
import NodeCore

/// clawnode-media(8), and what `--help` prints of it.
enum Page {
    static let example = "clawnode invoke camera.list --enable camera"

    private static func listed<C: CaseIterable & RawRepresentable>(_: C.Type) -> String where C.RawValue == String {
        C.allCases.map(\.rawValue).joined(separator: ", ")
    }

    static let page = ManualPage(
        "clawnode-media", 8, "serve cameras, microphones and screens to the clawnode daemon",
        [
            .init("SYNOPSIS", [.text("`clawnode-media` [<OPTIONS>]")]),
            .init("DESCRIPTION", description),
            .init(
                "OPTIONS",
                [
                    .terms([
                        .init("`--config` <FILE>", "read this configuration file"),
                        .init(
                            "`--dial-in` <SOCKET>",
                            "go to the daemon that listens there, instead of serving one that has come, and again whenever it has hung up"
                        ),
                        .init("`--log-level` <LEVEL>", "whatever the file says: \(listed(Log.Level.self))"),
                        .init("`--log-format` <FORMAT>", "whatever the file says: \(listed(Log.Format.self))"),
                        .init("`--version`", "show the version"),
                    ])
                ]),
            .init("CAMERAS", cameras),
            .init("SOUND", sound),
            .init("SCREENS", screens),
            .init("SESSIONS", sessions),
            .init("SANDBOX", sandbox),
            .init(
                "EXIT STATUS",
                [
                    .terms([
                        .init("0", "The daemon has hung up, or it was told to end."),
                        .init("64", "A command line that is not understood, or nothing on descriptor 3."),
                        .init("70", "A defect of this program, or with `--dial-in` nothing at the socket's place."),
                        .init("78", "The configuration cannot be understood."),
                    ])
                ]),
            .init("EXAMPLES", [.example(example)]),
            .init("SEE ALSO", [.text("clawnode(1), clawnode.json(5), systemd.socket(5), rpicam-still(1)")]),
        ])

    private static let description: [ManualPage.Block] = [
        .text(
            "Serves cameras, microphones and screens to the clawnode daemon that started it, over the socket on descriptor 3. "
                + "It opens them and decodes what they send, which the daemon never does; when a driver hangs or a codec "
                + "crashes, the connection to the gateway stays."),
        .text(
            "It is started when a camera, sound or a screen is asked for: as a child of the daemon, from beside the daemon's own program or from "
                + "`/usr/libexec/clawnode`; or, where `workers.media` in clawnode.json(5) is `socket`, by systemd, through "
                + "`clawnode-media.socket`. It ends some seconds after the last request, and nobody starts it by hand."),
    ]

    private static let cameras: [ManualPage.Block] = [
        .text(
            "Those of V4L2, which are USB cameras and capture cards, and those on the ribbon connectors of a Raspberry Pi, through "
                + "`rpicam-still` or one of its relatives in `PATH`. A camera is known by the name that `/dev/v4l/by-id` has for it, else "
                + "by the one in `by-path`; `camera.aliases` in clawnode.json(5) gives it another.")
    ]

    private static let sound: [ManualPage.Block] = [
        .text(
            "That of the sound server that listens where `PULSE_SERVER`, `PULSE_RUNTIME_PATH` or `XDG_RUNTIME_DIR` say, PulseAudio or "
                + "PipeWire; none is ever started. Where none listens, as for a service of the system, ALSA's devices, by the names that "
                + "`arecord -L` shows as `hw:`. `audio.source` in clawnode.json(5) says which one is the usual one."),
        .text(
            "While a microphone is open, the journal and the daemon's status say which one, and for what command."),
    ]

    private static let screens: [ManualPage.Block] = [
        .text(
            "Those of the Wayland compositor that `WAYLAND_DISPLAY` names, or of the user's only one; where there is none, those of the X server "
                + "that `DISPLAY` names, or of the user's first; else the console's framebuffers, `/dev/fb0` and so on, unless a desktop is in "
                + "front of them. `screen.display` in clawnode.json(5) names an X server, whatever else there is. The text of consoles is read "
                + "from `/dev/vcsa1` and so on.")
    ]

    private static let sessions: [ManualPage.Block] = [
        .text(
            "Only a process of somebody's session may see that user's screen. The machine's own daemon is in nobody's session; where `sessions.allow` in its "
                + "clawnode.json(5) names a user, this program, started in that user's session, goes to the daemon's socket and serves it there. The packaged unit "
                + "does that with each desktop:"),
        .example("systemctl --user enable --now clawnode-session"),
        .text(
            "Its settings are those of the user, in `~/.config/clawnode`. The daemon knows the user by the kernel's word, hangs up on everybody else, and asks it for "
                + "`screen.*`, `audio.*` and `system.notify` only. Where nothing has been at the socket's place for minutes, and systemd has started it, it ends, to be started "
                + "again: its sandbox shows `/run/clawnode` as it was when it began."),
    ]

    private static let sandbox: [ManualPage.Block] = [
        .text(
            "As a service it is the user `clawnode-media`, in the groups `video`, `render`, `audio` and `tty`. It has no network, sees no device "
                + "but cameras, what encodes for them, sound cards and, to be read only, consoles, cannot read the daemon's state, and has limits of memory and processor time. Only the "
                + "daemon's user may connect to its socket. As a child of the daemon it has the daemon's rights; without systemd "
                + "there are no others to give."),
        .text("What it may do on a machine is told by"),
        .example("systemd-analyze security clawnode-media@.service"),
    ]
}
