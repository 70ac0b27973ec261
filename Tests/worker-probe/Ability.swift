import Glibc
import LinuxIO
import NodeCore
import Worker

/// What the probe can be asked for.
enum Ability: String, CaseIterable {
    /// Gives its params back.
    case echo = "probe.echo"
    case blob = "probe.blob"
    case environment = "probe.environment"
    /// Waits until it is cancelled.
    case wait = "probe.wait"
    /// Takes a second, and cannot be cancelled.
    case slow = "probe.slow"
    /// Cannot be cancelled.
    case hang = "probe.hang"
    /// Blocks the loop, too.
    case stick = "probe.stick"
    case crash = "probe.crash"
    case exit = "probe.exit"
    case garbage = "probe.garbage"
    case oversized = "probe.oversized"
    case unsealed = "probe.unsealed"
    /// Raises the condition `test`.
    case raise = "probe.raise"
    /// Says whether `microphone` is on.
    case microphone = "probe.microphone"

    func handler(on loop: EventLoop, telling conditions: AsyncStream<ConditionChange>.Continuation) -> Handler {
        Handler(name: CommandName(rawValue)) { invocation, context in
            switch self {
            case .raise: conditions.yield(.raised(Condition(id: "test", severity: .note, summary: "raised")))
            case .microphone: return Reply(outcome: .success(Array("\(context.isOn("microphone"))".utf8)))
            default: break
            }
            do { return try await perform(invocation, loop) } catch {
                return .refused(Refusal(.unavailable, "\(error)"))
            }
        }
    }

    private func perform(_ invocation: Invocation, _ loop: EventLoop) async throws -> Reply {
        switch self {
        case .raise, .microphone: break
        case .echo: return Reply(outcome: .success(invocation.params ?? Array("{}".utf8)))
        case .blob:
            struct Params: Decodable { var size: Int }
            let size = try JSON.decode(Params.self, from: invocation.params ?? []).size
            return Reply(outcome: .success(Array("{}".utf8)), blob: Blob(file: try pattern(size), field: "base64"))
        case .environment: return Reply(outcome: .success(try JSON.encode(EnvironmentVariables.current())))
        case .wait: try await OneShot().fired()
        case .slow: await onOwnThread("slow") { _ = Glibc.sleep(1) }
        case .hang: await onOwnThread("hang") { while true { pause() } }
        case .stick: while true { pause() }
        case .crash:
            signal(SIGSEGV, SIG_DFL)
            kill(getpid(), SIGSEGV)
            pause()
        case .exit: _exit(7)
        case .garbage: try await say(Array("garbage".utf8))
        case .oversized: try await say([UInt8](repeating: 0x20, count: MessageSocket.maxMessage + 1))
        case .unsealed:
            let reply = """
                {"reply":{"_0":{"id":\(invocation.id),"outcome":{"success":{"_0":{"none":{}}}},"blobField":"base64"}}}
                """
            let socket = try MessageSocket(
                adopting: FileDescriptor(adopting: dup(WorkerService.descriptor)), on: loop)
            let file = try MemoryFile(name: "open")
            try await socket.send(Array(reply.utf8), descriptors: [file.descriptor])
            withExtendedLifetime(file) {}
            try await OneShot().fired()
        }
        return Reply(outcome: .success(Array("{}".utf8)))
    }

    /// The bytes 0, 1, … 250 again and again.
    private func pattern(_ size: Int) throws -> MemoryFile {
        let file = try MemoryFile(name: "pattern")
        let piece = (0..<251 * 256).map { UInt8($0 % 251) }
        var left = size
        while left > 0 {
            try file.append(Array(piece.prefix(left)))
            left -= min(left, piece.count)
        }
        return file
    }

    /// Past everything that keeps messages in order; and then nothing more.
    private func say(_ bytes: [UInt8]) async throws {
        _ = send(WorkerService.descriptor, bytes, bytes.count, CInt(MSG_NOSIGNAL))
        try await OneShot().fired()
    }
}
