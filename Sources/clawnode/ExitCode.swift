import Gateway
import NodeCore
import NodeRuntime

/// How the program ends; units and scripts rely on these numbers (sysexits.h).
enum ExitCode: Int32, CaseIterable {
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

    var meaning: String {
        switch self {
        case .success: "Done as asked; `clawnode run` was stopped."
        case .refused:
            "`clawnode invoke` was refused or failed, and its reply says how; what was asked for was not done."
        case .usage: "A command line that is not understood."
        case .badLink: "`clawnode join`: a URL that is not understood, or a token that is used up or has expired."
        case .notRunning: "`clawnode status`: no daemon is running."
        case .defect: "A defect of this program."
        case .cannotWrite:
            "The state, the status or an answer cannot be written, or another daemon holds the state directory."
        case .unsuitableGateway:
            "`clawnode join`: the gateway speaks no protocol that is known, or shows another certificate than it should."
        case .refusedByGateway: "`clawnode join`: the gateway refuses this node for good; what to do is printed."
        case .badConfiguration: "The configuration or a file of the state cannot be understood."
        }
    }
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
