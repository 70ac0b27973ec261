import Gateway
import NodeCore
import NodeRuntime

/// How the program ends; units and scripts rely on these numbers (sysexits.h).
enum ExitCode: Int32 {
    case success = 0
    case refused = 1
    case usage = 64
    case badLink = 65
    case notRunning = 69
    case defect = 70
    case cannotWrite = 73
    case unsuitableGateway = 76
    case refusedByGateway = 77
    case badConfiguration = 78
}

/// An end with a word about it for stderr.
struct Failure: Error {
    var code: ExitCode
    var message: String

    /// What is thrown on the way to a running daemon, with the code that `systemd` and scripts know it by.
    init(_ error: any Error) {
        switch error {
        case let failure as Failure: self = failure
        case let error as ConfigurationError:
            self.init(error.isFromCommandLine ? .usage : .badConfiguration, error.description)
        case let error as StateError:
            if case .unwritable = error {
                self.init(.cannotWrite, error.description)
            } else {
                self.init(.badConfiguration, error.description)
            }
        case let error as AgentError: self.init(.cannotWrite, error.description)
        default: self.init(.defect, "\(error)")
        }
    }

    init(_ code: ExitCode, _ message: String) {
        self.code = code
        self.message = message
    }
}

extension ConfigurationError {
    fileprivate var isFromCommandLine: Bool {
        if case .option? = origin { return true }
        return false
    }
}
