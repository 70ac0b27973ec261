import DBus
import Glibc
import LinuxIO
import NodeCore
import Worker

/// The workers of those who are logged in, which come by themselves (`clawnode-media --dial-in`): only what belongs to a session may see
/// its screen and hear its sound. Who may come, the owner has said.
package actor SessionWorkers: Service {
    /// For the status file.
    package struct Status: Codable, Equatable, Sendable {
        package var user: String
        package var uid: Int
        /// As logind calls it, where there is one.
        package var session: String?
        package var sinceMs: Int
    }

    private struct Member {
        let user: uid_t
        let name: String
        let host: WorkerHost
        /// Nil until it has said hello.
        var status: Status?
    }

    package static let socketName = "workers.sock"
    /// Connections of one user: one is of use, and another may be about to end.
    private static let mostOfOne = 4
    /// Between two who come, so that those who do without end leave the loop to others.
    private static let pace = Duration.milliseconds(10)
    /// Of those who were refused it is remembered, so that each is told of once.
    private static let mostRefused = 64

    private let path: String
    private let allowed: [String]
    private let logins: Logins
    private let loop: EventLoop
    private let log: Log
    private let changed: @Sendable () -> Void
    private var members: [Int: Member] = [:]
    private var refused: Set<uid_t> = []
    private var lastNumber = 0

    /// `allowed`: names and numbers of users. `patience`: with logind, for which somebody waits who wants a picture. `changed` is told
    /// when one has come or gone; it does not wait.
    package init(
        _ allowed: [String], directory: String, variables: [String: String], patience: Duration = .seconds(2),
        on loop: EventLoop, log: Log,
        changed: @escaping @Sendable () -> Void = {}
    ) {
        path = directory + "/" + Self.socketName
        self.allowed = allowed
        logins = Logins(SystemBus(variables: variables, patience: patience, on: loop))
        self.loop = loop
        self.log = log
        self.changed = changed
    }

    /// Those that are served, in the order in which they came.
    package var status: [Status] { ready.compactMap(\.status) }

    package var conditions: [Condition] {
        get async {
            var all: [Condition] = []
            for member in ready { all += await member.host.conditions }
            return all
        }
    }

    private var ready: [Member] {
        members.sorted { $0.key < $1.key }.map(\.value).filter { $0.status != nil }
    }

    /// Whom to ask: the worker of who is at the machine, else the last to come. Nil when there is none.
    package func host() async -> WorkerHost? {
        guard let last = ready.last else { return nil }
        guard Set(ready.map(\.user)).count > 1, let active = await logins.activeUser() else { return last.host }
        return (ready.last { $0.user == active } ?? ready.last)?.host
    }

    /// Hangs up on all, so that they let go of what they hold; they come again.
    func dismiss() async {
        for member in members.values { await member.host.dismiss() }
    }

    // MARK: At the door

    /// Lets in who may come, until cancelled.
    package func run() async throws {
        guard let users = await onAbandonableThread("users", { [allowed] in Self.users(allowed) }) else { return }
        for name in allowed where !users.values.contains(name) && !users.keys.contains(where: { "\($0)" == name }) {
            log.warning("No such user in sessions.allow", ["user": name])
        }
        let listener: MessageListener
        do throws(Errno) {
            // Who is let in is decided by the kernel's word for who connects.
            listener = try MessageListener(path: path, mode: 0o666, on: loop)
        } catch {
            log.warning("Sessions cannot connect", ["path": path, "cause": "\(error)"])
            return try await OneShot().fired()
        }
        defer { listener.close() }
        await withDiscardingTaskGroup { group in
            while let (socket, user) = await next(listener) {
                if let number = admit(socket, user, users[user]) {
                    group.addTask { await self.serve(number) }
                } else {
                    socket.close()
                }
                guard (try? await loop.sleep(for: Self.pace)) != nil else { break }  // cancelled
            }
            group.cancelAll()
        }
        try Task.checkCancellation()
    }

    /// Nil once cancelled. Blocks for as long as the user database takes.
    private static func users(_ allowed: [String]) -> [uid_t: String] {
        let users = allowed.compactMap { uid_t($0).map(User.init(id:)) ?? User(named: $0) }
        return Dictionary(users.map { ($0.id, $0.name) }, uniquingKeysWith: { first, _ in first })
    }

    private func next(_ listener: MessageListener) async -> (MessageSocket, uid_t)? {
        while !Task.isCancelled {
            do { return try await listener.accept() } catch is CancellationError { return nil } catch {
                // Out of descriptors, say. It is no reason to give up.
                log.warning("A session's connection was not accepted", ["cause": "\(error)"])
                guard (try? await loop.sleep(for: .seconds(5))) != nil else { return nil }  // cancelled
            }
        }
        return nil
    }

    /// The number of a new member; nil for who may not come. `name`: of a user who is allowed.
    private func admit(_ socket: MessageSocket, _ user: uid_t, _ name: String?) -> Int? {
        guard let name else {
            tellOnce(user, "sessions.allow does not name this user")
            return nil
        }
        guard members.values.count(where: { $0.user == user }) < Self.mostOfOne else {
            tellOnce(user, "it has \(Self.mostOfOne) connections already")
            return nil
        }
        let source = WorkerSource.caller(Caller(socket), name: "the session of \(name)")
        lastNumber += 1
        members[lastNumber] = Member(
            user: user, name: name, host: WorkerHost(source, on: loop, log: log, changed: changed))
        return lastNumber
    }

    private func tellOnce(_ user: uid_t, _ cause: String) {
        guard refused.count < Self.mostRefused, refused.insert(user).inserted else { return }
        log.warning("A session's worker is not let in", ["uid": "\(user)", "cause": cause])
    }

    /// As long as it stays.
    private func serve(_ number: Int) async {
        guard let member = members[number] else { return }
        await withDiscardingTaskGroup { group in
            group.addTask {
                guard (try? await member.host.greeted.fired()) != nil else { return }  // it went without a word
                await self.join(number)
            }
            try? await member.host.run()  // cancelled, or it has gone: over as well
            group.cancelAll()
        }
        if members.removeValue(forKey: number)?.status != nil {
            log.info("A session's worker has gone", ["user": member.name])
            changed()
        }
    }

    private func join(_ number: Int) async {
        guard let member = members[number] else { return }
        members[number]?.status = Status(
            user: member.name, uid: Int(member.user), sinceMs: WallClock.milliseconds)
        log.info("A session's worker has come", ["user": member.name])
        changed()
        let session = await logins.session(of: member.user)
        members[number]?.status?.session = session?.id
        changed()
    }
}
