import LinuxIO

/// Why a message bus gave no answer.
package enum BusError: Error, Equatable, Sendable {
    /// Nobody listens there.
    case absent(BusAddress, Errno)
    /// No form of address that is understood; those of sockets are.
    case unusableAddress(String)
    /// The bus does not take us for who we are.
    case notAdmitted(String)
    /// The connection ended; nil for an orderly end.
    case lost(Errno?)
    /// What came is no D-Bus, or longer than anything that is asked for here.
    case malformed(String)
    /// The called service's own error, by its name there, as `org.freedesktop.DBus.Error.ServiceUnknown`.
    case refused(name: String, message: String)
    case timedOut
    case cancelled
}

extension BusError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .absent(let address, let error): "no message bus at \(address): \(error); on Debian it is the package dbus"
        case .unusableAddress(let text): "the message bus's address is none of a socket: \(text)"
        case .notAdmitted(let answer): "the message bus refuses this user: \(answer)"
        case .lost(let error): "the message bus has ended the connection" + (error.map { ": \($0)" } ?? "")
        case .malformed(let what): "the message bus sent what is not understood: \(what)"
        case .refused(let name, let message): "\(message) (\(name))"
        case .timedOut: "the message bus did not answer in time"
        case .cancelled: "cancelled"
        }
    }
}
