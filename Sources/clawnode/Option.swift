import Gateway
import NodeCore
import NodeRuntime

/// A command line option: its name, and the configuration key it sets when it sets one.
struct Option: Sendable {
    enum Kind: Sendable {
        case flag
        case text
        case integer
        /// May be given several times.
        case repeated
        /// Several names with commas between them.
        case list
    }

    let name: String
    let kind: Kind
    /// The value in the help; empty for a flag.
    let valueName: String
    private let summary: String
    let key: String?
    /// The only values there are; none where any other is as good.
    let choices: [String]

    init(flag name: String, key: String? = nil, _ help: String) {
        self.init(name, .flag, "", key: key, help)
    }

    init(
        _ name: String, _ kind: Kind, _ valueName: String, key: String? = nil, choices: [String] = [], _ help: String
    ) {
        self.name = name
        self.kind = kind
        self.valueName = valueName
        summary = help
        self.key = key
        self.choices = choices
    }

    /// What it is for, and what it may be.
    var help: String {
        switch kind {
        case _ where choices.isEmpty: summary
        case .list: summary + ": " + choices.joined(separator: ", ")
        default: summary + ": " + choices.formatted
        }
    }

    /// With its value, as a manual writes it.
    var term: String { "`\(name)`" + (valueName.isEmpty ? "" : " <\(valueName)>") }

    static let configuration = Option("--config", .text, "FILE", "read this configuration file")

    /// Understood by every subcommand.
    static let common = [
        configuration,
        Option("--state-dir", .text, "DIR", key: "stateDir", "where identity and tokens are kept"),
        Option("--runtime-dir", .text, "DIR", key: "runtimeDir", "where the status is kept"),
    ]

    /// What switches capabilities on, for the subcommands that perform them.
    static let enable = Option(
        "--enable", .list, "LIST", choices: Family.all.map(\.name),
        "capabilities to switch on")

    static let dialect = Option(
        "--dialect", .text, "DIALECT", key: "dialect", choices: DialectSetting.allCases.map(\.rawValue),
        "what the gateway speaks, where it need not be found out")

    static let logLevel = Option(
        "--log-level", .text, "LEVEL", key: "logLevel", choices: Log.Level.allCases.map(\.rawValue), "how much is told")

    static let json = Option(flag: "--json", "answer as one JSON object")
}

extension [String] {
    /// `a, b or c`
    fileprivate var formatted: String {
        count < 2 ? joined() : dropLast().joined(separator: ", ") + " or " + self[count - 1]
    }
}
