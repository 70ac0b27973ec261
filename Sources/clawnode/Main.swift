import Glibc
import LinuxIO
import Manual
import NodeCore
import NodeCrypto
import NodeRuntime

@main
enum Main {
    static let subcommands: [any Subcommand.Type] = [
        Run.self, Join.self, Leave.self, Discover.self, Invoke.self, Commands.self, Status.self, Doctor.self,
        Pause.self, Resume.self, Identity.self, Config.self, Version.self, ShowManual.self, Complete.self,
    ]

    static func main() {
        exit(start(Array(CommandLine.arguments.dropFirst())).rawValue)
    }

    private static func start(_ words: [String]) -> ExitCode {
        OwnProgram.prepare()
        CryptoLibrary.outliveExit()
        do {
            guard let word = words.first else {
                Output.talk(usage)
                return .usage
            }
            guard word != "--help", word != "-h", word != "help" else {
                Output.answer(help)
                return .success
            }
            guard let subcommand = subcommands.first(where: { $0.name == word }) else {
                let hint = Spelling.nearest(to: word, among: subcommands.filter { !$0.isHidden }.map { $0.name })
                throw Failure(.usage, "unknown subcommand \(word)" + (hint.map { "; did you mean \($0)?" } ?? ""))
            }
            return try perform(subcommand, Array(words.dropFirst()))
        } catch {
            let failure = Failure(error)
            if words.first == Run.name,
                case .journal = Log.Format.usual(stream: EnvironmentVariables.current()["JOURNAL_STREAM"])
            {
                // Nobody is there to be talked to.
                Log(level: .error, format: .journal).error("Cannot start", ["cause": failure.message], id: .cannotStart)
                return failure.code
            }
            // It may quote a file or a worker.
            Output.talk("clawnode: \(failure.message.inOneLine)")
            if failure.code == .usage {
                Output.talk("Try: clawnode \(words.first.map { known($0) ? $0 + " " : "" } ?? "")--help")
            }
            return failure.code
        }
    }

    private static func known(_ word: String) -> Bool {
        subcommands.contains { $0.name == word }
    }

    private static func perform(_ subcommand: any Subcommand.Type, _ words: [String]) throws -> ExitCode {
        let arguments = try Arguments(
            words, options: subcommand.options + Option.common, positionals: subcommand.positionals,
            synopsis: "clawnode \(subcommand.name) \(subcommand.synopsis)")
        if arguments.wantsHelp {
            Output.answer(subcommand.help)
            return .success
        }
        let loop = try EventLoop()
        let program = Program(loop: loop, surroundings: .current())
        return try loop.run { try await subcommand.run(arguments, program) }
    }

    private static var usage: String {
        let list = HelpText.terms(subcommands.filter { !$0.isHidden }.map { ("`\($0.name)`", $0.summary) })
        return
            (["usage: clawnode SUBCOMMAND [OPTIONS]", ""] + list + [
                "",
                "With sudo it is about the machine's own node, the packages' service; without, about one of your own.",
                "Every subcommand has --help; the manual: man clawnode", "",
                "example: clawnode join wss://gateway.local:18789 --token-file token.txt",
            ]).joined(separator: "\n")
    }

    private static var help: String {
        ([usage, "", "exit status:"] + HelpText.terms(ExitCode.allCases.map { ("\($0.rawValue)", $0.meaning) })
            + ["", "environment:"] + HelpText.terms(Surroundings.known.map { ("`\($0.name)`", $0.meaning) })
            + ["", "files, of root and of a user:"]
            + HelpText.terms(Place.all.map { ("\($0.ofRoot), \($0.ofUser)", $0.meaning) })).joined(separator: "\n")
    }
}
