import LinuxIO
import WebSocket

/// How a connection, or the attempt at one, came to its end.
package struct Disconnect: Error, Sendable {
    package enum Cause: Sendable {
        /// No connection came about, or it broke.
        case transport(WebSocketError)
        /// The gateway closed it.
        case closed(CloseCode, reason: String)
        /// The gateway answered `connect` with an error.
        case refused(GatewayRefusal)
        /// Nothing was heard for two ticks.
        case silent
        /// It slept with the machine for too long, or nothing was heard after this.
        case dead(since: Wake)
        /// No challenge or no answer to `connect` in time, or not one we understand.
        case handshake(String)
        /// We were asked to stop.
        case stopping
    }

    /// When to dial again.
    package enum Retry: Equatable, Sendable {
        case backoff
        case after(Duration)
        case now
        case approval
        case rarely
        /// What lets us in was refused; more slowly each time.
        case credentials
    }

    package var cause: Cause
    package var retry: Retry
    /// How long the gateway had served us; nil when it never did.
    package var served: Duration?

    package init(_ cause: Cause, retry: Retry = .backoff, served: Duration? = nil) {
        self.cause = cause
        self.retry = retry
        self.served = served
    }
}

extension Disconnect.Cause: CustomStringConvertible {
    package var description: String {
        switch self {
        case .transport(let error): "\(error)"
        case .closed(let code, let reason):
            "the gateway closed: \(code.rawValue)" + (reason.isEmpty ? "" : " \(reason)")
        case .refused(let refusal): "the gateway refused: \(refusal.message)"
        case .silent: "nothing was heard from the gateway for two ticks"
        case .dead(let wake): "the gateway does not answer since this: \(wake)"
        case .handshake(let what): what
        case .stopping: "stopping"
        }
    }
}

extension WebSocketError {
    /// The certificate is not the one we may talk to: that mends itself rarely, and asking often looks like an attack. A TLS
    /// handshake that breaks off is none of this.
    package var isDistrust: Bool {
        switch self {
        // A clock that is behind is set right soon after the network is there.
        case .tls(.outOfTime(let reason, let clock, _)): reason == .expired && WallClock.isPlausible(clock * 1_000)
        case .tls(.untrusted), .tls(.pinMismatch), .tls(.hostMismatch), .tls(.unusableCAFile): true
        default: false
        }
    }
}

extension Disconnect.Cause {
    var isDistrust: Bool {
        if case .transport(let error) = self { return error.isDistrust }
        return false
    }
}
