import LinuxIO
import NodeCore
import Synchronization

/// Tells each change in the state directory, and keeps hold of it: when it is removed or moved away, it is made, claimed and
/// watched again, until that succeeds. Who places something at its path is heard, and no other daemon gets it.
final class StateWatch: Sendable {
    private static let pause = Duration.seconds(1)

    private let state: StateDirectory
    private let loop: EventLoop
    private let watch: Mutex<DirectoryWatch>

    init(_ state: StateDirectory, on loop: EventLoop) throws(Errno) {
        self.state = state
        self.loop = loop
        watch = Mutex(try DirectoryWatch(state.path, on: loop))
    }

    /// Returns after the next change, or at once for one since the last call; while the directory is lost, after each attempt to
    /// get it back. Throws `CancellationError` only.
    func next() async throws {
        let current = watch.withLock { $0 }
        if !current.isOver, state.isHeld { try await current.next() }
        if !current.isOver, state.isHeld { return }
        state.letGoIfLost()
        try await settle(current)
        do { try await restore() } catch {
            // Whatever keeps it from us may go, and the owner's marks are looked for meanwhile.
            try await loop.sleep(for: Self.pause)
        }
    }

    /// What is being removed is not made again under the hands of whoever removes it. If it is the lock's file alone that goes,
    /// no end comes.
    private func settle(_ current: DirectoryWatch) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { while !current.isOver { try await current.next() } }
            group.addTask { [loop] in try await loop.sleep(for: Self.pause) }
            try await group.next()
            group.cancelAll()
        }
    }

    private func restore() async throws {
        try await onOwnThread("state") { [state] in Result { try state.claimAgain() } }.get()
        let fresh = try DirectoryWatch(state.path, on: loop)
        watch.withLock { $0 = fresh }
    }
}
