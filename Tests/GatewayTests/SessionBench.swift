import Glibc
import LinuxIO
import NodeCore
import NodeTesting
import PracticeGateway
import Testing
import WebSocket

@testable import Gateway

/// A session under way, with the test as its gateway.
struct SessionBench: Sendable {
    let clock = HandClock()
    let household = Household()
    let transport = FakeTransport()
    let stopping = OneShot()
    let bell = WakeBell()
    let served = EventFeed<Void>()
    let table: InvocationTable

    init() {
        table = InvocationTable(
            registry: household.registry, limit: 8, timekeeper: clock, log: .silent, record: { _ in })
    }

    /// Runs a session and `body` beside it; gives the session's end.
    func run(
        takesProgress: Bool = false, protocolVersion: Int = 4, bulletins: [Bulletin] = [],
        _ body: @escaping @Sendable (SessionBench) async throws -> Void
    ) async throws -> Disconnect {
        var hello = try Hello(Samples.hello(to: "1", tickMs: 30_000).bytes)
        hello.takesProgress = takesProgress
        hello.protocolVersion = protocolVersion
        let session = GatewaySession(
            transport: transport, hello: hello, nodeID: Samples.deviceID, table: table, timekeeper: clock,
            stopping: stopping, bell: bell, log: .silent, wasTicked: {},
            wasServed: { [served] _ in served.emit(()) }, bulletins: bulletins)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await table.run() }
            async let end = session.run()
            try await body(self)
            defer { group.cancelAll() }
            return await end
        }
    }
}
