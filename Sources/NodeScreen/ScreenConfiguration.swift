import NodeCore

/// The `screen` part of the configuration: read once, never changed.
package struct ScreenConfiguration: Equatable, Sendable {
    /// The X server to look at; nil for the environment's session, or what is found.
    package let display: String?

    package init(display: String? = nil) {
        self.display = display
    }

    package init(_ section: inout ConfigurationSection) throws(ConfigurationError) {
        self.init(
            display: try section.string(
                "display",
                "The X server whose screens are shown, like `:0`, whatever else there is. Without it, the session's in whose environment the "
                    + "node runs, or the one of the node's user that is found; a Wayland compositor before an X server."
            ))
    }
}
