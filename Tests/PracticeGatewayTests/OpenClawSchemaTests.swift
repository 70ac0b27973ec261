import PracticeGateway
import Testing

@Suite struct OpenClawSchemaTests {
    private let schema = OpenClawSchema(.april)

    @Test("everything that the official node sent passes") func officialNode() throws {
        let frames = try RecordedConnection().fromNode
        #expect(frames.count == 10)
        for frame in frames {
            #expect(schema.firstFault(in: frame, as: .request) == nil)
            let definition: OpenClawSchema.Definition
            switch frame["method"]?.string {
            case "connect": definition = .connect
            case "node.event": definition = .nodeEvent
            default: definition = .invokeResult
            }
            #expect(schema.firstFault(in: frame["params"] ?? .null, as: definition) == nil)
        }
    }

    @Test("everything that the official gateway sent passes") func officialGateway() throws {
        for frame in try RecordedConnection().fromGateway {
            let isEvent = frame["type"] == "event"
            #expect(schema.firstFault(in: frame, as: isEvent ? .event : .response) == nil)
            if frame["payload"]?["type"] == "hello-ok" {
                #expect(schema.firstFault(in: frame["payload"] ?? .null, as: .hello) == nil)
            }
            if frame["event"] == "tick" {
                #expect(schema.firstFault(in: frame["payload"] ?? .null, as: .tick) == nil)
            }
        }
    }

    struct Mutation: Sendable, CustomTestStringConvertible {
        let path: String
        let fault: String
        let change: @Sendable (JSONValue) -> JSONValue

        init(_ path: String, _ fault: String, _ change: @escaping @Sendable (JSONValue) -> JSONValue) {
            self.path = path
            self.fault = fault
            self.change = change
        }

        var testDescription: String { "\(path): \(fault)" }
    }

    static let mutations = [
        Mutation("", "must have required property 'client'") { $0.with(nil, at: "client") },
        Mutation("", "must NOT have additional properties: 'extra'") { $0.with(1, at: "extra") },
        Mutation("/client", "must NOT have additional properties: 'buildId'") { $0.with("1", at: "client", "buildId") },
        Mutation("/client/displayName", "must NOT have fewer than 1 characters") {
            $0.with("", at: "client", "displayName")
        },
        Mutation("/client/displayName", "must be string") { $0.with(.null, at: "client", "displayName") },
        Mutation("/client/id", "must match a schema in anyOf") { $0.with("openclaw-linux", at: "client", "id") },
        Mutation("/client/mode", "must match a schema in anyOf") { $0.with("operator", at: "client", "mode") },
        Mutation("/minProtocol", "must be >= 1") { $0.with(0, at: "minProtocol") },
        Mutation("/maxProtocol", "must be integer") { $0.with(.number(3.5), at: "maxProtocol") },
        Mutation("/caps/1", "must NOT have fewer than 1 characters") { $0.with(["camera", ""], at: "caps") },
        Mutation("/permissions/a", "must be boolean") { $0.with(["a": "yes"], at: "permissions") },
        Mutation("/device/signedAt", "must be >= 0") { $0.with(-1, at: "device", "signedAt") },
        Mutation("/device", "must have required property 'nonce'") { $0.with(nil, at: "device", "nonce") },
        Mutation("/auth/token", "must be string") { $0.with(.null, at: "auth", "token") },
        Mutation("/scopes", "must be array") { $0.with("", at: "scopes") },
    ]

    @Test("a connect that was changed is refused where it was changed", arguments: mutations)
    func mutated(_ mutation: Mutation) throws {
        let params = try #require(try RecordedConnection().connect()["params"])
        let fault = try #require(schema.firstFault(in: mutation.change(params), as: .connect))
        #expect(fault.path == mutation.path)
        #expect(fault.reason == mutation.fault)
    }

    @Test("results are closed objects, and so are their errors") func results() {
        let result: JSONValue = ["id": "1", "nodeId": "n", "ok": false, "error": ["code": "A", "message": "b"]]
        #expect(schema.firstFault(in: result, as: .invokeResult) == nil)
        #expect(schema.firstFault(in: result.with(.null, at: "payloadJSON"), as: .invokeResult)?.path == "/payloadJSON")
        #expect(schema.firstFault(in: result.with("x", at: "error", "details"), as: .invokeResult)?.path == "/error")
        #expect(schema.firstFault(in: result.with("", at: "error", "code"), as: .invokeResult)?.path == "/error/code")
        #expect(schema.firstFault(in: result.with(1, at: "extra"), as: .invokeResult)?.path == "")
    }

    @Test("January knows no device tokens") func january() throws {
        let params = try #require(try RecordedConnection().connect()["params"])
        let withToken = params.with("t", at: "auth", "deviceToken")
        #expect(OpenClawSchema(.january).firstFault(in: withToken, as: .connect)?.path == "/auth")
        #expect(schema.firstFault(in: withToken, as: .connect) == nil)
    }

    @Test("the newest release takes what came later, the others do not") func newest() throws {
        let params = try #require(try RecordedConnection().connect()["params"]).with("7", at: "client", "buildId")
        #expect(OpenClawSchema(.newest).firstFault(in: params, as: .connect) == nil)
        #expect(schema.firstFault(in: params, as: .connect) != nil)
    }

    @Test("host statistics outside their bounds are found") func hostStats() {
        let stats: JSONValue = ["cpuCount": 4, "memoryTotalBytes": 8, "memoryFreeBytes": 1, "loadAverage": [0, 0, 0]]
        #expect(schema.firstFault(in: stats, as: .hostStats) == nil)
        #expect(schema.firstFault(in: stats.with(5000, at: "cpuCount"), as: .hostStats)?.path == "/cpuCount")
        #expect(schema.firstFault(in: stats.with([1], at: "loadAverage"), as: .hostStats)?.path == "/loadAverage")
    }

    @Test(
        "of presence there is an idle time, or that none is known",
        arguments: [
            (["idleSeconds": 3, "source": "system"], true), (["action": "clear"], true), (["idleSeconds": -1], false),
            (["idleSeconds": 2_592_001], false), (["action": "clear", "idleSeconds": 3], false), ([:], false),
        ] as [(JSONValue, Bool)])
    func presence(payload: JSONValue, isValid: Bool) {
        #expect((schema.firstFault(in: payload, as: .presenceActivity) == nil) == isValid)
    }
}
