import Glibc
import LinuxIO

/// A running program whose stdout and stderr are heard as they come.
final class HeardProgram {
    let process: ChildProcess
    private let output: FileDescriptor
    private let readiness: Readiness
    private(set) var heard = ""

    /// Starts `clawnode`, or what leads to it, with the stage's files.
    convenience init(_ words: [String], program: String = Stage.program, on stage: Stage) throws {
        try self.init(program, words + stage.files, on: stage.loop)
    }

    init(_ program: String, _ words: [String], on loop: EventLoop) throws {
        var ends: [CInt] = [-1, -1]
        // Children get the descriptors that are named to them, and no others.
        try call { pipe(&ends) }
        output = FileDescriptor(adopting: ends[0])
        // Ours alone: the program may block when we are slow.
        let input = FileDescriptor(adopting: ends[1])
        try call { fcntl(ends[0], F_SETFL, O_NONBLOCK) }
        readiness = try Readiness(ends[0], on: loop)
        process = try ChildProcess.spawn(
            program, arguments: words, descriptors: [(input.raw, as: 1), (input.raw, as: 2)], on: loop)
    }

    deinit { readiness.cancel() }

    /// Returns once `text` has been heard. Throws `Silence` when the program ends without it.
    func hear(_ text: String) async throws {
        while !heard.contains(text) {
            guard try await hearMore() else { throw Silence(heard: heard) }
        }
    }

    /// Returns once it, and whatever it started, has said its last.
    func hearEnd() async throws {
        while try await hearMore() {}
    }

    /// False at the end.
    private func hearMore() async throws -> Bool {
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = Glibc.read(output.raw, &chunk, chunk.count)
            if count >= 0 {
                heard += String(decoding: chunk[..<count], as: UTF8.self)
                return count > 0
            }
            guard errno == EAGAIN else { throw Errno.current }
            _ = try await readiness.wait(for: .read)
        }
    }

    struct Silence: Error {
        let heard: String
    }
}
