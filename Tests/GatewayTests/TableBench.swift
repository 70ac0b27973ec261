import NodeTesting
import PracticeGateway

@testable import Gateway

/// A table at work, with one connection.
struct TableBench: Sendable {
    let clock = HandClock()
    let household = Household()
    let records = EventFeed<InvocationRecord>()
    let transport = FakeTransport()
    let table: InvocationTable
    let sink: ResultSink

    init(limit: Int = 2, maxPayload: Int = 26_214_400, retriesUnbegun: Bool = false) {
        table = InvocationTable(
            registry: household.registry, limit: limit, timekeeper: clock, log: .silent,
            record: { [records] in records.emit($0) })
        sink = ResultSink(
            transport: transport, nodeID: Samples.deviceID, maxPayload: maxPayload,
            retriesUnbegun: retriesUnbegun)
    }

    func ask(
        _ id: String, _ command: String = "camera.snap", timeoutMs: Int? = nil, fault: String? = nil,
        isStopping: Bool = false
    ) async {
        let request = IncomingFrame.InvokeRequest(
            id: id, nodeID: Samples.deviceID, command: command, params: nil, timeoutMs: timeoutMs, fault: fault)
        await table.take(request, from: sink, isStopping: isStopping)
    }

    /// Runs `body` beside the table.
    func run(_ body: @escaping @Sendable (TableBench) async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await table.run() }
            group.addTask { try await body(self) }
            try await group.next()
            group.cancelAll()
        }
    }
}
