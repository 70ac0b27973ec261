import Glibc
import LinuxIO
import MediaRuntime
import NodeConfiguration
import NodeCore
import Worker

@main
enum Main {
    private static let usage = """
        usage: clawnode-media [--config FILE]

        Serves cameras to the clawnode daemon that started it, over the socket on descriptor 3.

          --config FILE  read this configuration file
          --version      show the version

        example: clawnode invoke camera.list --enable camera
        """

    static func main() {
        exit(start(Array(CommandLine.arguments.dropFirst())))
    }

    private static func start(_ words: [String]) -> Int32 {
        var file: String?
        switch words.first {
        case "--help"?, "-h"?: return answer(usage, STDOUT_FILENO, 0)
        case "--version"?: return answer("clawnode-media \(nodeVersion)", STDOUT_FILENO, 0)
        case "--config"? where words.count == 2: file = words[1]
        case nil: break
        default: return answer("clawnode-media: unknown arguments; try --help", STDERR_FILENO, 64)
        }
        var status = stat()
        guard fstat(WorkerService.descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else {
            return answer("clawnode-media is started by the clawnode daemon; try --help", STDERR_FILENO, 64)
        }
        return serve(file)
    }

    private static func serve(_ file: String?) -> Int32 {
        let log = Log(level: .info, format: .text).with(["worker": "clawnode-media"])
        do {
            let configuration = try ConfigurationFile.load(
                file ?? ConfigurationFile.usualPath, isRequired: file != nil)
            let loop = try EventLoop()
            try loop.run {
                let socket = try MessageSocket(adopting: FileDescriptor(adopting: WorkerService.descriptor), on: loop)
                try await MediaWorker(configuration, socket: socket, loop: loop, log: log).run()
            }
            return 0
        } catch let error as ConfigurationError {
            log.error("Configuration not understood", ["cause": "\(error)"])
            return 78
        } catch {
            log.error("Cannot serve", ["cause": "\(error)"])
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
