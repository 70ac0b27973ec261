import Glibc
import LinuxIO
import NodeScreen

/// The screens of an X server, by the X protocol. No server is started, and none on another machine is asked.
package struct X11Driver: ScreenDriver {
    private let variables: [String: String]
    private let configured: String?
    private let loop: EventLoop

    /// `configured`: which server; nil for the one of the environment's `variables`, or this user's first.
    package init(configured: String? = nil, variables: [String: String], on loop: EventLoop) {
        self.configured = configured
        self.variables = variables
        self.loop = loop
    }

    package func session() async throws(ScreenError) -> (any ScreenSession)? {
        if let configured {
            guard let display = X11Display(configured) else {
                throw .unsupported("the display \(configured)", reason: "screen.display is not like \":0\"")
            }
            guard let session = try await session(of: display) else {
                throw .failed("the X server \(display)", reason: "nobody listens at \(display.path)")
            }
            return session
        }
        if let named = variables["DISPLAY"], !named.isEmpty {
            // Of another machine, or of another time.
            guard let display = X11Display(named) else { return nil }
            return try await session(of: display)
        }
        for display in await onOwnThread("x11", { X11Display.found() }) {
            if let session = try await session(of: display) { return session }
        }
        return nil
    }

    /// Nil when nobody listens, or what listens is a guest in another session.
    private func session(of display: X11Display) async throws(ScreenError) -> X11Session? {
        let files = X11Cookie.files(variables, user: geteuid())
        let cookie = await onOwnThread("x11") {
            X11Cookie.find(in: files, display: display.number, host: hostName())
        }
        guard let connection = try await X11Connection.open(display, at: display.path, cookie, on: loop) else {
            return nil
        }
        let session = X11Session(connection: connection, extensions: try await X11Extensions(connection), loop: loop)
        if session.extensions.isXwayland { return nil }
        // Those of before 2023 say it like this only.
        let outputs = try await session.outputs()
        return outputs.contains { $0.name.hasPrefix("XWAYLAND") } ? nil : session
    }
}
