import LinuxIO
import NodeCore
import NodeTesting
import Testing

@testable import NodeDevice

@Suite("device.info") struct DeviceInfoTests {
    private static let facts = MachineFacts(
        prettyHostName: "Kitchen", model: "Raspberry Pi 5", distribution: "Debian GNU/Linux 13 (trixie)",
        distributionID: "debian", kernel: "6.12.1", architecture: "aarch64", chassis: "embedded", virtualization: nil)

    private func reply(_ facts: MachineFacts, language: String?) async throws -> [UInt8] {
        let capability = DeviceCapability.capability(
            facts: facts, language: language, failedUnits: { nil }, state: { _, _ in .absent })
        let handler = try #require(capability.handlers.first)
        let invocation = Invocation(id: "1", command: handler.name, payloadLimit: 1 << 20)
        let context = InvocationContext(
            id: "1", deadline: nil, payloadLimit: 1 << 20, timekeeper: HandClock(), log: .silent)
        return try await handler.perform(invocation, context).outcome.get()
    }

    @Test("says what node-commands §15.2 asks for, and what is known beside it")
    func members() async throws {
        let text = String(decoding: try await reply(Self.facts, language: "de_AT.UTF-8"), as: UTF8.self)
        let expected =
            #"{"appBuild":"\#(nodeVersion)","appVersion":"\#(nodeVersion)","arch":"aarch64","chassis":"embedded","#
            + #""deviceName":"Kitchen","distroId":"debian","kernel":"6.12.1","locale":"de-AT","#
            + #""modelIdentifier":"Raspberry Pi 5","systemName":"Linux Debian GNU/Linux 13 (trixie)","#
            + #""systemVersion":"6.12.1"}"#
        #expect(text == expected)
    }

    @Test("without a pretty name the device is called by its host name")
    func plainName() async throws {
        struct Output: Decodable { var deviceName: String }
        var facts = Self.facts
        facts.prettyHostName = nil
        let output = try JSON.decode(Output.self, from: try await reply(facts, language: nil))
        #expect(output.deviceName == hostName())
        #expect(!output.deviceName.isEmpty)
    }

    @Test("the family's list names what it handles")
    func commands() {
        let capability = DeviceCapability.capability(
            facts: Self.facts, language: nil, failedUnits: { nil }, state: { _, _ in .absent })
        #expect(capability.handlers.map(\.name) == DeviceCapability.commands)
    }

    @Test(
        "locales are told as gateways write them",
        arguments: [
            ("de_AT.UTF-8@euro", "de-AT"), ("en_GB", "en-GB"), ("C.UTF-8", "en-US"), ("POSIX", "en-US"), ("", "en-US"),
            (nil, "en-US"),
        ] as [(String?, String)])
    func locale(language: String?, tag: String) {
        #expect(DeviceCapability.languageTag(language) == tag)
    }
}
