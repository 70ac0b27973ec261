import NodeCore

/// Why it is not known where this machine is, with what mends it.
package enum LocationError: Error, Equatable, Sendable {
    /// These are there, and have not found it in that time.
    case noFix(of: [String], within: Duration)
    /// One is there and does not tell us.
    case permission(String, remedy: String)
    /// One is there and cannot know, or does not speak as it should.
    case unavailable(String, remedy: String)
    /// None is there.
    case nowhere
    case cancelled
}

extension LocationError: RefusalConvertible {
    package var refusal: Refusal {
        switch self {
        case .noFix(let providers, let limit):
            Refusal(
                .locationTimeout,
                "no fix from \(providers.joined(separator: " and ")) within \(Int(limit / .milliseconds(1))) ms; "
                    + "allow more timeoutMs: a receiver that was off takes minutes, and has to see the sky")
        case .permission(let problem, let remedy):
            Refusal(.locationPermissionRequired, "\(problem); on the node's machine: \(remedy)")
        case .unavailable(let problem, let remedy):
            Refusal(.locationUnavailable, "\(problem); on the node's machine: \(remedy)")
        case .nowhere:
            Refusal(
                .locationUnavailable,
                "nothing knows where this machine is; on the node's machine: sudo apt install gpsd, for a receiver, "
                    + "or geoclue-2.0, for Wi-Fi, or say it: "
                    + "\"location\": {\"fixed\": {\"latitude\": 48.14, \"longitude\": 11.58}} in the configuration")
        case .cancelled: .cancelled
        }
    }
}

extension Refusal.Code {
    fileprivate static let locationTimeout: Refusal.Code = "LOCATION_TIMEOUT"
    fileprivate static let locationPermissionRequired: Refusal.Code = "LOCATION_PERMISSION_REQUIRED"
    fileprivate static let locationUnavailable: Refusal.Code = "LOCATION_UNAVAILABLE"
}
