import CLinux
import Glibc
import Synchronization

/// A program that was run for what it writes, within limits of time and size. It had no input.
package struct ProgramRun: Sendable {
    package enum Failure: Error, Equatable, Sendable {
        case notStarted(Errno)
        /// It wrote more than it may.
        case tooMuch
        /// It had not ended in time; the end of what it said.
        case tooLong(said: String)
        case cancelled
    }

    package let status: ExitStatus
    /// What it wrote to its standard output.
    package let output: [UInt8]
    /// The end of what it wrote to its standard error.
    package let said: String

    /// Returns when the program and everything that has its output have ended. Otherwise its whole process group is killed and
    /// cleared away first, also when the task is cancelled.
    package static func run(
        _ path: String, _ arguments: [String], outputLimit: Int, deadline: ContinuousClock.Instant,
        timekeeper: any Timekeeper, on loop: EventLoop
    ) async throws(Failure) -> ProgramRun {
        let program: Running
        do throws(Errno) { program = try Running(path, arguments, on: loop) } catch { throw .notStarted(error) }
        let outcome = await withTaskGroup(of: Result<ProgramRun, Failure>.self) { group in
            group.addTask {
                do throws(Failure) { return .success(try await program.ended(outputLimit: outputLimit)) } catch {
                    return .failure(error)
                }
            }
            group.addTask {
                do { try await timekeeper.sleep(until: deadline) } catch { return .failure(.cancelled) }
                return .failure(.tooLong(said: ""))
            }
            defer { group.cancelAll() }
            // Never nil: there are two.
            return await group.next() ?? .failure(.cancelled)
        }
        if case .failure(let failure) = outcome {
            await program.child.end()
            throw if case .tooLong = failure { .tooLong(said: program.lastWords()) } else { failure }
        }
        return try outcome.get()
    }
}

/// A program that is read while it runs. It had no input.
package struct ProgramStream: Sendable {
    private let program: Running

    /// Starts `path` for as long as `body` runs. Then nothing of it is left, nor of its process group.
    package static func run<R: Sendable>(
        _ path: String, _ arguments: [String], on loop: EventLoop,
        _ body: (ProgramStream) async throws -> R
    ) async throws -> R {
        let program: Running
        do throws(Errno) { program = try Running(path, arguments, on: loop) } catch {
            throw ProgramRun.Failure.notStarted(error)
        }
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await program.hear() }
            let outcome: Result<R, any Error>
            do { outcome = .success(try await body(ProgramStream(program: program))) } catch {
                outcome = .failure(error)
            }
            await program.child.end()
            group.cancelAll()
            return try outcome.get()
        }
    }

    /// What it has written to its standard output since; nil once it writes no more. Throws `Errno` or `CancellationError`.
    package func next() async throws -> [UInt8]? {
        var bytes: [UInt8] = []
        return try await program.output.append(to: &bytes) ? bytes : nil
    }

    /// How it ended. Throws `CancellationError`, or `Errno`.
    package func ended() async throws -> ExitStatus { try await program.child.wait() }

    /// The end of what it has written to its standard error.
    package var said: String { program.lastWords() }
}

/// The child and the two pipes that it writes to.
private struct Running: Sendable {
    let child: ChildProcess
    let output: PipeReader
    private let errors: PipeReader
    private let tail = Tail()

    init(_ path: String, _ arguments: [String], on loop: EventLoop) throws(Errno) {
        let nothing = try FileDescriptor(opening: "/dev/null", flags: O_RDONLY)
        let outputs = try openPipe()
        let outputEnd = FileDescriptor(adopting: outputs.writing)
        output = try PipeReader(FileDescriptor(adopting: outputs.reading), on: loop)
        let complaints = try openPipe()
        let complaintEnd = FileDescriptor(adopting: complaints.writing)
        errors = try PipeReader(FileDescriptor(adopting: complaints.reading), on: loop)
        child = try ChildProcess.spawn(
            path, arguments: arguments,
            descriptors: [
                (nothing.raw, as: STDIN_FILENO), (outputEnd.raw, as: STDOUT_FILENO),
                (complaintEnd.raw, as: STDERR_FILENO),
            ], on: loop)
    }

    /// With what has been written since it was last read.
    func lastWords() -> String {
        var bytes: [UInt8] = []
        // A pipe that cannot be read any more has nothing to say.
        while let count = try? errors.read(into: &bytes), count > 0 {}
        tail.append(bytes)
        return tail.text
    }

    func ended(outputLimit: Int) async throws(ProgramRun.Failure) -> ProgramRun {
        async let saying: Void = hear()
        let bytes: [UInt8]
        let status: ExitStatus
        do {
            bytes = try await all(upTo: outputLimit)
            await saying
            status = try await child.wait()
        } catch let failure as ProgramRun.Failure {
            throw failure
        } catch {
            throw .cancelled
        }
        return ProgramRun(status: status, output: bytes, said: tail.text)
    }

    private func all(upTo limit: Int) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        while try await output.append(to: &bytes) {
            if bytes.count > limit { throw ProgramRun.Failure.tooMuch }
        }
        return bytes
    }

    func hear() async {
        var bytes: [UInt8] = []
        // Whatever ends the reading also ends the run.
        while (try? await errors.append(to: &bytes)) == true {
            tail.append(bytes)
            bytes = []
        }
    }
}

/// The last of what a program says: that is where it says why it failed.
private final class Tail: Sendable {
    private static let limit = 16 * 1024
    private let bytes = Mutex<[UInt8]>([])

    func append(_ more: [UInt8]) {
        bytes.withLock { $0 = ($0 + more).suffix(Self.limit) }
    }

    var text: String { bytes.withLock { String(decoding: $0, as: UTF8.self) } }
}

private func openPipe() throws(Errno) -> (reading: CInt, writing: CInt) {
    var ends: [CInt] = [-1, -1]
    try call { cn_pipe(&ends) }
    return (ends[0], ends[1])
}

/// The end of a pipe that is ours.
private final class PipeReader: Sendable {
    private let descriptor: FileDescriptor
    private let readiness: Readiness

    init(_ descriptor: consuming FileDescriptor, on loop: EventLoop) throws(Errno) {
        let raw = descriptor.raw
        try call { cn_set_nonblocking(raw) }
        readiness = try Readiness(raw, on: loop)
        self.descriptor = descriptor
    }

    deinit { readiness.cancel() }

    /// Waits for something to read and appends it; false at the end. Throws `Errno` or `CancellationError`.
    func append(to bytes: inout [UInt8]) async throws -> Bool {
        while true {
            if let count = try read(into: &bytes) { return count > 0 }
            _ = try await readiness.wait(for: .read)
        }
    }

    /// Nil when there is nothing now.
    func read(into bytes: inout [UInt8]) throws(Errno) -> Int? {
        // As much as a pipe holds.
        let size = 64 * 1024
        let raw = descriptor.raw
        let result: Result<Int?, Errno> = withUnsafeTemporaryAllocation(byteCount: size, alignment: 16) { space in
            do throws(Errno) {
                guard let count = try call(unless: EAGAIN, { Glibc.read(raw, space.baseAddress, size) }) else {
                    return .success(nil)
                }
                bytes += space[..<count]
                return .success(count)
            } catch { return .failure(error) }
        }
        return try result.get()
    }
}
