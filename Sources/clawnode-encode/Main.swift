import CodecLibAV
import Glibc
import LinuxIO
import NodeCore

@main
enum Main {
    static func main() {
        OwnProgram.prepare()
        OwnProgram.dieWithParent()
        exit(start(Array(CommandLine.arguments.dropFirst())))
    }

    private static func start(_ words: [String]) -> Int32 {
        switch words {
        case ["--help"], ["-h"]: return answer(Page.page.help, STDOUT_FILENO, 0)
        case ["--version"]: return answer("clawnode-encode \(nodeVersion)", STDOUT_FILENO, 0)
        case ["--manual"]: return answer(Page.page.roff(version: nodeVersion), STDOUT_FILENO, 0)
        case []: break
        default: return answer("clawnode-encode: unknown arguments; try --help", STDERR_FILENO, 64)
        }
        guard EncoderService.hasChannel else {
            return answer(
                "clawnode-encode is started by clawnode-media when a clip or sound is asked for", STDERR_FILENO, 64)
        }
        do {
            let loop = try EventLoop()
            try loop.run { try await EncoderService.run(on: loop) }
            return 0
        } catch {
            return answer("clawnode-encode: \(error)", STDERR_FILENO, 70)
        }
    }

    private static func answer(_ text: String, _ descriptor: CInt, _ status: Int32) -> Int32 {
        var line = text + "\n"
        // There is nobody left to tell when this fails.
        _ = line.withUTF8 { write(descriptor, $0.baseAddress, $0.count) }
        return status
    }
}
