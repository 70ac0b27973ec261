extension Surroundings {
    /// Every environment variable that is read, and what it is for. Held against the sources by a test.
    package static let known: [(name: String, meaning: String)] = [
        ("CLAWNODE_CONFIG", "The configuration file, as `--config` names it."),
        ("OPENCLAW_GATEWAY_URL", "The gateway's URL; beats `gateway` in the configuration, and the joined gateway."),
        ("OPENCLAW_GATEWAY_TOKEN", "The gateway's shared token itself; beats `tokenFile` in the configuration."),
        ("OPENCLAW_GATEWAY_PASSWORD", "The gateway's password itself; beats `passwordFile` in the configuration."),
        (
            "OPENCLAW_ALLOW_INSECURE_PRIVATE_WS",
            "When it is 1, `ws://` may go to private addresses, as `--allow-plaintext-private` says."
        ),
        ("https_proxy", "The proxy on the way to a gateway, unless `proxy` in the configuration names one."),
        ("all_proxy", "The same, when `https_proxy` is not set."),
        ("no_proxy", "The hosts that are reached without them, with commas between."),
        ("CF_ACCESS_CLIENT_ID", "What Cloudflare Access is told before a gateway behind it, over TLS only."),
        ("CF_ACCESS_CLIENT_SECRET", "The secret that goes with it."),
        ("STATE_DIRECTORY", "The state directory; set by systemd."),
        ("RUNTIME_DIRECTORY", "The runtime directory; set by systemd."),
        ("CONFIGURATION_DIRECTORY", "Where clawnode.json is; set by systemd."),
        (
            "CREDENTIALS_DIRECTORY",
            "Where `gateway-token` is looked for, the gateway's shared token, when nothing else names one; set by systemd."
        ),
        ("NOTIFY_SOCKET", "Where `clawnode run` says that it is ready and what it waits for; set by systemd."),
        ("WATCHDOG_USEC", "How often `clawnode run` has to say that it is alive; set by systemd."),
        ("WATCHDOG_PID", "Which process has to; set by systemd."),
        (
            "JOURNAL_STREAM",
            "Whether the standard error is the journal's, which then gets the log by itself; set by systemd."
        ),
        ("NO_COLOR", "When it is set to something, an answer has no colours."),
        ("TERM", "The kind of the terminal; on one that is `dumb`, nothing is drawn again or coloured."),
        ("XDG_CONFIG_HOME", "A user's directory of configurations; `~/.config` when it is not set."),
        ("XDG_STATE_HOME", "A user's directory of states; `~/.local/state` when it is not set."),
        ("XDG_RUNTIME_DIR", "A user's directory for as long as the user is logged in."),
        (
            "PULSE_SERVER",
            "The local socket of the sound server that `clawnode-media` records with; the session's when it is not set."
        ),
        ("PULSE_RUNTIME_PATH", "The directory of that socket, when it is not in `XDG_RUNTIME_DIR`."),
        ("PULSE_COOKIE", "What shows the sound server that we may, when it is not `~/.config/pulse/cookie`."),
        (
            "WAYLAND_DISPLAY",
            "The Wayland compositor whose screens are shown; when it is not set, the only one that listens in `XDG_RUNTIME_DIR`."
        ),
        ("DISPLAY", "The X server whose screens are shown; the user's first when it is not set."),
        ("XAUTHORITY", "What shows the X server that we may, when it is not `~/.Xauthority` or a display manager's."),
        (
            "DBUS_SYSTEM_BUS_ADDRESS",
            "Where the system's message bus is, which says that the machine has resumed; `/run/dbus/system_bus_socket` when it is not set."
        ),
        (
            "DBUS_SESSION_BUS_ADDRESS",
            "Where the session's message bus is, on which notifications are shown; `bus` in `XDG_RUNTIME_DIR` when it is not set."
        ),
        ("HOME", "A user's home."),
        ("PATH", "Where `clawnode-media` looks for `rpicam-still`."),
        ("LC_ALL", "The language that gateways are told."),
        ("LANG", "The same, when `LC_ALL` is not set."),
        (
            "SOURCE_DATE_EPOCH",
            "The day that `clawnode manual` prints, in seconds since 1970; set by who builds a package."
        ),
    ]
}
