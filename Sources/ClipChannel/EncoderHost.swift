import Glibc
import LinuxIO
import NodeCore
import NodeMedia
import Worker

/// The `ClipEncoder` that is a process of its own: `clawnode-encode`, one for each clip.
package struct EncoderHost: ClipEncoder {
    private let program: WorkerProgram
    private let loop: EventLoop
    private let log: Log
    let known = KnownEncoder()
    private let memory: EncoderMemory
    /// Told of each process, so that a test can do it harm.
    var started: @Sendable (pid_t) -> Void = { _ in }

    /// The program is looked for beside the running one, then where packages put it. `variables` are our own environment.
    package init(
        program name: String = "clawnode-encode", variables: [String: String], on loop: EventLoop, log: Log
    ) {
        self.init(name, variables, memory: EncoderMemory(), on: loop, log: log)
    }

    init(_ name: String, _ variables: [String: String], memory: EncoderMemory, on loop: EventLoop, log: Log) {
        program = WorkerProgram(name: name, variables: variables)
        self.memory = memory
        self.loop = loop
        self.log = log
    }

    package func find() throws(ClipError) { _ = try installed() }

    private func installed() throws(ClipError) -> String {
        if let path = program.candidates.first(where: { access($0, X_OK) == 0 }) { return path }
        throw .noEncoder(package: program.name)
    }

    package func encode(
        _ plan: ClipPlan, _ feed: @Sendable (any ClipTrack) async throws -> Void
    ) async throws -> EncodedClip {
        let path = try installed()
        guard let layout = RingLayout(plan) else { throw ClipError.unencodable("no picture or sound has that shape") }
        return try await memory.lend(plan) { try await encode(plan, layout, by: path, feed) }
    }

    private func encode(
        _ plan: ClipPlan, _ layout: RingLayout, by path: String, _ feed: @Sendable (any ClipTrack) async throws -> Void
    ) async throws -> EncodedClip {
        let session = try start(path, plan, layout)
        started(session.child.pid)
        do {
            let clip = try await withoutActuallyEscaping(feed) { feed in
                try await session.run(plan, known: known, feed, log: log)
            }
            await session.child.end()
            return clip
        } catch {
            await session.child.end()
            try Task.checkCancellation()
            throw error
        }
    }

    private func start(_ path: String, _ plan: ClipPlan, _ layout: RingLayout) throws -> EncoderSession {
        let ring: SharedMemory
        let sockets: MessageSocket.Pair
        do throws(Errno) {
            ring = try SharedMemory(name: "clawnode-ring", size: layout.size)
            sockets = try MessageSocket.pair(on: loop)
        } catch { throw ClipError.system(error) }
        let child: ChildProcess
        do throws(Errno) { child = try program.start(path, channel: sockets.theirs, on: loop) } catch {
            throw Refusal(
                .unavailable,
                "\(path) cannot be started (\(error)); ask again, and where that does not help, on the node's machine: "
                    + "sudo apt install --reinstall \(program.name)")
        }
        let track = RingTrack(plan, layout, ring, sockets.ours)
        return EncoderSession(child: child, socket: sockets.ours, ring: ring, track: track, loop: loop)
    }
}
