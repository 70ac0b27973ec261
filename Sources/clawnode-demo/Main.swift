import Glibc
import LinuxIO

@main
enum Main {
    private static let usage = """
        usage: clawnode-demo [--keep-running]

        Starts a gateway on loopback and a clawnode beside it, pairs them, asks for what the machine is and for a picture
        of every camera (a drawn one when there is none), and writes clawnode-demo/report.html.

          --keep-running  leave the gateway and the node up until Ctrl-C

        example: clawnode-demo
        """

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
                Screen.say(usage)
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
