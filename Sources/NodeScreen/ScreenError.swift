import NodeCore

/// Why there is no picture of a screen, with what mends it.
package enum ScreenError: Error, Equatable, Sendable {
    /// No screen has that index. The names of those that there are, in order.
    case notFound(Int, known: [String])
    /// Nobody shows anything here, as far as this process may see.
    case noSession
    /// A session that has no screen.
    case noScreen(String)
    /// The session, and what may be done.
    case permission(String, remedy: String)
    /// A desktop, or a program like one, is in front of it, which only its own user may see.
    case covered(String)
    /// Unplugged or switched off, or its session has ended.
    case gone(String)
    /// Of another size, or at another place, than it was when it was opened.
    case changed(String)
    /// What cannot be seen, and why: it begins in small letters, and may say what to do.
    case unsupported(String, reason: String)
    /// In the session's words, or the kernel's.
    case failed(String, reason: String)
    case cancelled
}

extension ScreenError: RefusalConvertible {
    package var refusal: Refusal {
        switch self {
        case .notFound(let index, let known):
            Refusal(
                .invalidRequest,
                "no screen \(index); screenIndex is one of: "
                    + known.enumerated().map { "\($0.offset) (\($0.element))" }.joined(separator: ", "))
        case .noSession:
            Refusal(
                .invalidRequest,
                "nothing is shown here that the node may see; log in to a desktop on the node's machine and run the node as that user, "
                    + "with DISPLAY or WAYLAND_DISPLAY in its environment")
        case .noScreen(let session):
            Refusal(.invalidRequest, "\(session) has no screen that is switched on; plug one in, or switch it on")
        case .permission(let session, let remedy):
            Refusal(.permissionMissing, "no permission to look at \(session); \(remedy)")
        case .covered(let screen):
            Refusal(
                .invalidRequest,
                "a desktop, or what draws like one, is in front of the console \(screen), and only its user's node may see it; as that "
                    + "user: systemctl --user enable --now clawnode")
        case .gone(let screen):
            Refusal(.unavailable, "\(screen) went away; screen.list shows what is there, then ask again")
        case .changed(let screen):
            Refusal(.unavailable, "\(screen) got another size or place meanwhile; ask again")
        // Asking again will not help.
        case .unsupported(let screen, let reason): Refusal(.invalidRequest, "\(screen) cannot be seen: \(reason)")
        case .failed(let screen, let reason): Refusal(.unavailable, "\(screen) failed: \(reason)")
        case .cancelled: .cancelled
        }
    }
}
