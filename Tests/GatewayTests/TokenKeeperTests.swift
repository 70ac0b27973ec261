import Glibc
import LinuxIO
import NodeTesting
import PracticeGateway
import Testing

@testable import Gateway

@Suite(.timeLimit(.minutes(5))) struct TokenKeeperTests {
    /// A keeper of tokens in `folder/state`, which need not exist.
    struct Bench: Sendable {
        let clock = HandClock()
        let events = EventFeed<LinkEvent>()
        let folder: ScratchFolder
        let store: TokenStore
        let keeper: TokenKeeper

        var state: String { folder.file("state") }

        init(writable: Bool) throws {
            folder = try ScratchFolder()
            if writable { try StateFile.makeDirectory(folder.file("state")) }
            store = try TokenStore(directory: folder.file("state"))
            keeper = TokenKeeper(
                store, of: Samples.gateway, deviceID: Samples.deviceID, timekeeper: clock, log: .silent,
                report: { [events] in events.emit($0) })
        }

        func learn(_ token: String) {
            keeper.update { $0.tokens["node"] = TokenStore.Memory.Token(token: token, role: "node", scopes: []) }
        }

        func savedToken() throws -> String? {
            try TokenStore(directory: state).memory(of: Samples.gateway, deviceID: Samples.deviceID).tokens["node"]?
                .token
        }
    }

    @Test("what was learned is on the disk at the latest when it is finished")
    func finish() async throws {
        let bench = try Bench(writable: true)
        bench.learn("a")
        #expect(bench.keeper.memory.tokens["node"]?.token == "a")
        await bench.keeper.finish()
        #expect(try bench.savedToken() == "a")
        // A disk that does not take it is no reason not to end.
        let other = try Bench(writable: false)
        other.learn("a")
        await other.keeper.finish()
        #expect(!other.store.isSaved)
    }

    @Test("a disk that takes nothing is told once, tried every half minute, and told again when it works")
    func diskFull() async throws {
        let bench = try Bench(writable: false)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await bench.keeper.run() }
            var events = bench.events.reader()
            bench.learn("a")
            guard case .raised(let condition) = try await events.next() else { throw Unexpected() }
            #expect(condition.id == "state-unwritable")
            #expect(condition.severity == .error)
            #expect(condition.summary.contains(bench.state))

            await bench.clock.sleepers(1)
            bench.clock.advance(by: .seconds(30))
            await bench.clock.sleepers(1)
            // What is learned meanwhile is not lost either.
            bench.learn("b")
            try StateFile.makeDirectory(bench.state)
            bench.clock.advance(by: .seconds(30))
            guard case .cleared(conditionID: "state-unwritable") = try await events.next() else { throw Unexpected() }
            #expect(try bench.savedToken() == "b")
            #expect(bench.store.isSaved)

            // And from now on it is as before.
            rename(bench.state, bench.state + ".away")
            bench.learn("c")
            guard case .raised = try await events.next() else { throw Unexpected() }
            group.cancelAll()
        }
    }

    struct Unexpected: Error {}
}
