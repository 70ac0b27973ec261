import Glibc
import LinuxIO
import NodeCore

/// How long a worker that dials in waits before it tries again.
struct DialPause: Sendable {
    private static let longest = Duration.seconds(60)
    /// Who was served for as long was let in.
    private static let served = Duration.seconds(10)

    private var next = Duration.seconds(1)
    var isLongest: Bool { next == Self.longest }

    /// After an attempt that lasted so long, from the dialling to the end of what came of it.
    mutating func take(after life: Duration) -> Duration {
        if life >= Self.served { next = .seconds(1) }
        defer { next = min(next * 2, Self.longest) }
        return next
    }
}

extension WorkerService {
    /// The life of a worker program that belongs to somebody's session, until SIGTERM: it connects to the daemon that listens at `path`, lets
    /// `serve` converse over that, which ends when told to, and comes again.
    ///
    /// With `isReplaced` somebody else starts it again, and where there has been nothing at `path` for minutes it throws `ENOENT`: a sandbox
    /// shows folders as they were when it was made, also one that was removed and came back.
    package static func dialIn(
        to path: String, isReplaced: Bool, on loop: EventLoop, log: Log,
        serve: @escaping @Sendable (MessageSocket, OneShot) async throws -> Void
    ) async throws {
        try await live(on: loop, log: log) { stop in
            var pause = DialPause()
            var told = ""
            while !stop.hasFired {
                let began = loop.now
                let how: String
                switch Result(catching: { () throws(Errno) in try MessageSocket.connect(to: path, on: loop) }) {
                case .success(let socket):
                    log.debug("Connected", ["path": path])
                    try await serve(socket, stop)
                    how = "it has hung up"
                case .failure(Errno(ENOENT)) where isReplaced && pause.isLongest: throw Errno(ENOENT)
                case .failure(let error): how = "\(error)"
                }
                if stop.hasFired { return }
                let wait = pause.take(after: began.duration(to: loop.now))
                // Who is not let in is hung up on at once.
                if how != told { log.info("The daemon is not there; trying again", ["path": path, "cause": how]) }
                told = how
                _ = await loop.within(wait) { try? await stop.fired() }  // cancelled: the next line ends it
                try Task.checkCancellation()
            }
        }
    }
}
