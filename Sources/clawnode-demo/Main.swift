import Glibc
import LinuxIO
import Manual
import NodeCore

@main
enum Main {
    private static let page = ManualPage(
        "clawnode-demo", 1, "show clawnode with a gateway of its own",
        [
            .init("SYNOPSIS", [.text("`clawnode-demo` [`--keep-running`]")]),
            .init(
                "DESCRIPTION",
                [
                    .text(
                        "Starts a gateway on loopback and a clawnode beside it, pairs them, asks for what and how the machine "
                            + "is, for a picture of every camera (a drawn one when there is none), a clip, the screen (a clock on one "
                            + "without hardware when there is none) and a second of sound (a hum when there is no microphone), and writes "
                            + "clawnode-demo/report.html."
                    ),
                    .text("It changes nothing else on the machine, and needs no gateway, network or rights."),
                ]),
            .init(
                "OPTIONS",
                [.terms([.init("`--keep-running`", "leave the gateway and the node up until Ctrl-C")])]),
            .init(
                "EXIT STATUS",
                [
                    .terms([
                        .init("0", "All went as it should."), .init("1", "It did not; what is known of it is told."),
                        .init("64", "A command line that is not understood."),
                        .init("73", "The report cannot be written."),
                    ])
                ]),
            .init("EXAMPLES", [.example("clawnode-demo")]),
            .init("SEE ALSO", [.text("clawnode(1)")]),
        ])

    static func main() {
        exit(start(Array(CommandLine.arguments.dropFirst())))
    }

    private static func start(_ words: [String]) -> Int32 {
        OwnProgram.prepare()
        var keepsRunning = false
        for word in words {
            switch word {
            case "--keep-running": keepsRunning = true
            case "--help", "-h":
                Screen.say(page.help)
                return 0
            case "--manual":
                Screen.say(page.roff(version: nodeVersion))
                return 0
            default:
                Screen.complain("clawnode-demo: unknown argument \(word); try --help")
                return 64
            }
        }
        do {
            let loop = try EventLoop()
            return try loop.run { [keepsRunning] in try await Demo(on: loop, keepsRunning: keepsRunning).run() }
        } catch let error as ReportFolder.Unwritable {
            Screen.complain("clawnode-demo: \(error)")
            return 73
        } catch {
            Screen.complain("clawnode-demo: \(error)")
            return 1
        }
    }
}
