import Glibc
import LinuxIO
import NodeCore
import NodeTesting
import Testing
import Worker

@testable import NodeRuntime

@Suite struct OfferTests {
    private func source(_ state: String, isSocket: Bool = false) throws -> WorkerSource {
        let variables = ["STATE_DIRECTORY": state, "XDG_CONFIG_HOME": "/nonexistent", "HOME": "/nonexistent"]
        let surroundings = Surroundings(variables: variables, isRoot: false)
        let media = ConfigurationValue(.string("socket"), from: .option(""))
        let workers = ConfigurationValue(.object(["media": media]), from: .option(""))
        let sources = try ConfigurationSources(
            file: nil, options: isSocket ? ["workers": workers] : [:], surroundings: surroundings)
        return WorkerSource(of: "w", try Configuration(sources, surroundings), surroundings)
    }

    @Test("a gateway is told the machine's figures unless the device is switched off", arguments: [true, false])
    func bulletin(isOn: Bool) async throws {
        let surroundings = Surroundings(variables: ["STATE_DIRECTORY": "/", "HOME": "/nonexistent"], isRoot: false)
        let device = ConfigurationValue(
            .object(["device": ConfigurationValue(.bool(isOn), from: .option(""))]), from: .option(""))
        let sources = try ConfigurationSources(
            file: nil, options: ["capabilities": device], surroundings: surroundings)
        let configuration = try Configuration(sources, surroundings)
        let offer = try await onEventLoop { Offer(configuration, surroundings, loop: $0, log: .silent) }
        #expect(offer.bulletins.count == (isOn ? 1 : 0))
        #expect(offer.profile.caps == (isOn ? ["device"] : []))
    }

    @Test("what telling of presence takes is claimed where it is told, and only there", arguments: [true, false])
    func presence(isDeviceOn: Bool) async throws {
        let surroundings = Surroundings(variables: ["STATE_DIRECTORY": "/", "HOME": "/nonexistent"], isRoot: false)
        let text = #"{"device": {"presence": true}, "capabilities": {"device": \#(isDeviceOn)}}"#
        let sources = try ConfigurationSources(text: text)
        let configuration = try Configuration(sources, surroundings)
        let offer = try await onEventLoop { Offer(configuration, surroundings, loop: $0, log: .silent) }
        #expect(offer.bulletins.count == (isDeviceOn ? 2 : 0))
        #expect(offer.profile.permissions["accessibility"] == (isDeviceOn ? true : nil))
    }

    @Test("a worker is our own child, unless systemd is asked for one") func sources() throws {
        guard case .program(let program) = try source("/") else { throw Errno(EINVAL) }
        #expect(program.owner == nil && program.environment["CONFIGURATION_DIRECTORY"] == nil)
        guard case .socket("/run/clawnode-media.sock", "w") = try source("/", isSocket: true) else {
            throw Errno(EINVAL)
        }
    }

    @Test(
        "of root's it is the owner's of the state directory, and finds the same configuration",
        .enabled(if: geteuid() == 0, "needs root, who alone can give a process to somebody else"))
    func roots() throws {
        let scratch = try ScratchFolder()
        try call { chown(scratch.path, 61_234, 61_235) }
        guard case .program(let program) = try source(scratch.path) else { throw Errno(EINVAL) }
        #expect(program.owner?.user == 61_234 && program.owner?.group == 61_235)
        #expect(program.environment["CONFIGURATION_DIRECTORY"] == "/nonexistent/clawnode")
        guard case .socket = try source(scratch.path, isSocket: true) else { throw Errno(EINVAL) }
    }
}
