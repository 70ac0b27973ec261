import NodeCore

/// Why there is no text of a console, with what mends it.
package enum ConsoleError: Error, Equatable, Sendable {
    /// The kernel has none: a container, or a machine with a serial line only.
    case noConsole
    /// Those that there are.
    case notFound(Int, known: [Int])
    /// The device file, and the group and user it takes to open it.
    case permission(String, group: String, user: String)
    /// In the kernel's words.
    case failed(String, reason: String)
}

extension ConsoleError: RefusalConvertible {
    package var refusal: Refusal {
        switch self {
        case .noConsole:
            Refusal(.invalidRequest, "this machine has no virtual console; screen.list shows whether it has screens")
        case .notFound(let console, let known):
            Refusal(
                .invalidRequest,
                "no console \(console); console is one of: \(known.map(String.init).joined(separator: ", "))")
        case .permission(let path, let group, let user):
            Refusal(
                .permissionMissing,
                "\(path) belongs to the group \(group), which may also write to terminals; if that is acceptable, "
                    + "`sudo usermod -aG \(group) \(user)` and start the node again; the system's service reads it without"
            )
        case .failed(let path, let reason): Refusal(.unavailable, "\(path) failed: \(reason)")
        }
    }
}
