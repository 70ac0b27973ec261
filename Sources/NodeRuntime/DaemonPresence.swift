import Gateway
import Glibc
import LinuxIO
import NodeCore

/// Whether a daemon holds the state directory, and what it tells of itself. An old `status.json` never counts.
package enum DaemonPresence: Equatable, Sendable {
    case absent
    /// It runs, and has written nothing at this path: it is just starting, or was given another runtime directory.
    case untold(path: String)
    case told(NodeStatus)

    package init(_ configuration: Configuration) throws(StateError) {
        guard try StateDirectory.isClaimed(configuration.stateDirectory) else {
            self = .absent
            return
        }
        let path = configuration.runtimeDirectory + "/" + NodeStatus.fileName
        let bytes: [UInt8]
        do throws(Errno) { bytes = try StateFile.read(path) } catch {
            guard error == Errno(ENOENT) else { throw .unreadable(path: path, error) }
            self = .untold(path: path)
            return
        }
        do throws(JSONFailure) { self = .told(try JSON.decode(NodeStatus.self, from: bytes)) } catch {
            throw .malformed(path: path, reason: error.description)
        }
    }

    package var status: NodeStatus? {
        if case .told(let status) = self { status } else { nil }
    }
}

/// The daemon's presence, each time it has changed.
package struct DaemonFeed: Sendable {
    private let configuration: Configuration
    private let loop: EventLoop
    private let watch: DirectoryWatch
    private var last: DaemonPresence?

    /// Of a daemon that was killed no file tells.
    private static let look = Duration.seconds(1)

    /// Makes the runtime directory when it is missing. Throws `StateError`.
    package init(_ configuration: Configuration, on loop: EventLoop) throws(StateError) {
        self.configuration = configuration
        self.loop = loop
        let directory = configuration.runtimeDirectory
        do throws(Errno) {
            try StateFile.makeDirectory(directory)
            watch = try DirectoryWatch(directory, on: loop)
        } catch { throw .unwritable(path: directory, error) }
    }

    /// The first at once. Throws `StateError` or `CancellationError`.
    package mutating func next() async throws -> DaemonPresence {
        while true {
            let presence = try DaemonPresence(configuration)
            if presence != last {
                last = presence
                return presence
            }
            try await pause()
        }
    }

    /// Returns once it may have changed, and each second. Throws `CancellationError` only.
    package func pause() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { [watch] in try await watch.next() }
            group.addTask { [loop] in try await loop.sleep(for: Self.look) }
            try await group.next()
            group.cancelAll()
        }
    }
}
