import NodeCore
import NodeTesting
import Testing

@testable import NodeDevice

@Suite struct DevicePermissionsTests {
    @Test("each permission is what its capability's owner says, and why") func told() async throws {
        let command = DevicePermissions { name, _ in
            switch name {
            case "camera", "notify": .on
            case "microphone": .denied(reason: "it is off")
            default: .absent
            }
        }
        let context = InvocationContext(
            id: "1", deadline: nil, payloadLimit: 1 << 20, timekeeper: HandClock(), log: .silent)
        let text = String(decoding: try JSON.encode(try await command.run(NoParams(), in: context)), as: UTF8.self)
        for (name, value) in [
            ("camera", #"{"promptable":false,"status":"granted"}"#),
            ("notifications", #"{"promptable":false,"status":"granted"}"#),
            ("microphone", #"{"promptable":false,"reason":"it is off","status":"denied"}"#),
            ("gpio", #"{"promptable":false,"reason":"this node does not do that","status":"denied"}"#),
        ] {
            #expect(text.contains("\"\(name)\":\(value)"), "\(name)")
        }
        #expect(text.ranges(of: "promptable").count == 8)
    }
}
