import Glibc
import LinuxIO
import Manual
import MediaRuntime
import NodeConfiguration
import NodeCore
import Worker

@main
enum Main {
    static func main() {
        exit(start(Array(CommandLine.arguments.dropFirst())))
    }

    private static func start(_ words: [String]) -> Int32 {
        OwnProgram.prepare()
        var file: String?
        var door: String?
        var settings: [String: ConfigurationValue] = [:]
        var rest = words[...]
        while let word = rest.popFirst() {
            switch (word, rest.popFirst()) {
            case ("--help", _), ("-h", _): return answer(Page.page.help, STDOUT_FILENO, 0)
            case ("--version", _): return answer("clawnode-media \(nodeVersion)", STDOUT_FILENO, 0)
            case ("--manual", _): return answer(Page.page.roff(version: nodeVersion), STDOUT_FILENO, 0)
            case ("--config", let value?): file = value
            case ("--dial-in", let value?): door = value
            case ("--log-level", let value?):
                settings["logLevel"] = ConfigurationValue(.string(value), from: .option(word))
            case ("--log-format", let value?):
                settings["logFormat"] = ConfigurationValue(.string(value), from: .option(word))
            default: return answer("clawnode-media: unknown arguments; try --help", STDERR_FILENO, 64)
            }
        }
        guard door != nil || WorkerService.hasChannel else {
            return answer(
                "clawnode-media is started by the clawnode daemon when a camera is asked for; try: \(Page.example)",
                STDERR_FILENO, 64)
        }
        return serve(file, door, ConfigurationValue(.object(settings), from: .option("")))
    }

    /// Whoever comes to it, or the daemon at `door`. `settings` win over the file's.
    private static func serve(_ file: String?, _ door: String?, _ settings: ConfigurationValue) -> Int32 {
        let variables = EnvironmentVariables.current()
        let log = Log(level: .info, format: .usual(stream: variables["JOURNAL_STREAM"])).with([
            "worker": "clawnode-media"
        ])
        do {
            let files = try ConfigurationFile.load(file ?? ConfigurationFile.usualPath, isRequired: file != nil)
            let loop = try EventLoop()
            let configuration = files?.merging(settings) ?? settings
            if let door {
                // systemd starts it again.
                let isReplaced = variables["NOTIFY_SOCKET"] != nil
                try loop.run {
                    try await MediaWorker.dialIn(
                        to: door, isReplaced: isReplaced, configuration, variables: variables, loop: loop)
                }
            } else {
                let worker = try MediaWorker(configuration, variables: variables, loop: loop)
                try loop.run { try await worker.run() }
            }
            return 0
        } catch let error as ConfigurationError {
            log.error("Configuration not understood", ["cause": "\(error)"], id: .cannotStart)
            return 78
        } catch {
            log.error("Cannot serve", ["cause": "\(error)"], id: .cannotStart)
            return 70
        }
    }

    private static func answer(_ text: String, _ descriptor: CInt, _ status: Int32) -> Int32 {
        var line = text + "\n"
        // There is nobody left to tell when this fails.
        _ = line.withUTF8 { write(descriptor, $0.baseAddress, $0.count) }
        return status
    }
}
