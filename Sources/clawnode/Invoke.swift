import Glibc
import LinuxIO
import NodeCore
import NodeRuntime

/// `clawnode invoke`: one command on this machine, without any gateway.
enum Invoke: Subcommand {
    static let name = "invoke"
    static let summary = "run one command on this machine, no gateway needed"
    static let synopsis = "COMMAND [PARAMS-JSON] [OPTIONS]"
    static let example = "clawnode invoke camera.snap '{\"maxWidth\":1280}' --enable camera --save photo.jpg"
    static let details = [
        "The reply is printed as JSON, also when it is a refusal; with `--save`, its media go into a file instead."
    ]
    static let options = [
        Option("--save", .text, "FILE", "write the media to FILE and print the rest"),
        Option("--timeout", .integer, "MS", "give up after so many milliseconds (30000)"),
        Option.enable,
        Option.logLevel,
    ]
    static let positionals = 1...2

    static func run(_ arguments: Arguments, _ program: Program) async throws -> ExitCode {
        let configuration = try program.configuration(arguments)
        if Family.named(forCommand: arguments.positionals[0])?.worker == nil {
            // What the daemon does itself, others judge by whose process it is.
            try Owner.become(of: configuration.stateDirectory)
        }
        let log = Log(level: min(configuration.logLevel, .warning), format: .text)
        let offer = Offer(
            configuration, program.surroundings, refusesDisabled: true, loop: program.loop, log: log)
        let budget = try arguments.integer("--timeout", in: 1...86_400_000) ?? 30_000
        let invocation = Invocation(
            id: "invoke", command: CommandName(arguments.positionals[0]),
            params: arguments.positionals.dropFirst().first.map { Array($0.utf8) },
            deadline: program.loop.now + .milliseconds(budget), payloadLimit: 24 << 20)
        let reply = try await offer.perform(invocation, on: program.loop, log: log)
        return try tell(reply, saveTo: arguments.text("--save"))
    }

    static func candidates(
        after positionals: [String], for current: String, _ program: Program
    ) async -> Candidates {
        switch positionals.count {
        case 0:
            .texts(Family.all.flatMap { family in family.manual.map { Candidate($0.name.text, $0.summary) } })
        case 1 where CameraParams.commands.contains(positionals[0]):
            .texts(CameraParams(current).candidates(await CameraParams.cameras(program)))
        default: .texts([])
        }
    }

    private struct Refused: Encodable {
        struct Fault: Encodable {
            var code: String
            var message: String
        }

        var ok = false
        var error: Fault
    }

    private static func tell(_ reply: Reply, saveTo path: String?) throws -> ExitCode {
        switch reply.outcome {
        case .failure(let refusal):
            try Output.answer(
                json: Refused(error: Refused.Fault(code: refusal.code.rawValue, message: refusal.wireMessage)))
            // It may quote a camera, which has given itself its name.
            Output.talk("clawnode: \(refusal.wireMessage.inOneLine)")
            return .refused
        case .success(let json):
            guard let blob = reply.blob else {
                if path != nil { Output.talk("clawnode: the reply has no media to save") }
                Output.answer(bytes: json)
                return path == nil ? .success : .refused
            }
            guard let path else {
                Output.answer(bytes: whole(json, blob, try blob.file.bytes()))
                return .success
            }
            do throws(Errno) { try save(try blob.file.bytes(), to: path) } catch {
                throw Failure(.cannotWrite, "\(path) cannot be written: \(error)")
            }
            Output.answer(bytes: json)
            return .success
        }
    }

    /// Into what `path` names, which may be a link, a pipe or /dev/null: nothing is put in its place.
    /// A file that has no room for all of them is removed.
    private static func save(_ media: [UInt8], to path: String) throws(Errno) {
        let file = try FileDescriptor(opening: path, flags: O_WRONLY | O_CREAT | O_TRUNC, mode: 0o644)
        let written: Result<Void, Errno> = media.withUnsafeBytes { bytes in
            do throws(Errno) { return .success(try file.writeAll(bytes)) } catch { return .failure(error) }
        }
        guard case .failure(let error) = written else { return }
        // Half a picture is none; why it is only half is told by `error`, whatever else may fail.
        if (try? StateFile.kind(of: path)) == S_IFREG, let whole = realpath(path, nil) {
            unlink(whole)
            free(whole)
        }
        throw error
    }

    /// The reply as a gateway would see it.
    private static func whole(_ json: [UInt8], _ blob: Blob, _ media: [UInt8]) -> [UInt8] {
        var text = Array(json.dropLast())
        if text.count > 1 { text.append(UInt8(ascii: ",")) }
        text += JSON.quoted(blob.field) + Array(":\"".utf8) + Base64.encode(media) + Array("\"}".utf8)
        return text
    }
}
