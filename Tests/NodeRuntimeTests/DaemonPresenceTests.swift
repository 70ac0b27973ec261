import Gateway
import LinuxIO
import NodeCore
import NodeTesting
import Testing

@testable import NodeRuntime

@Suite struct DaemonPresenceTests {
    func configuration(_ scratch: ScratchFolder) throws -> Configuration {
        let surroundings = Surroundings(variables: ["HOME": "/nonexistent"], isRoot: false)
        func directory(_ name: String) -> ConfigurationValue {
            ConfigurationValue(.string(scratch.file(name)), from: .option("--x"))
        }
        let sources = try ConfigurationSources(
            file: nil, options: ["stateDir": directory("state"), "runtimeDir": directory("run")],
            surroundings: surroundings)
        return try Configuration(sources, surroundings)
    }

    func write(_ status: NodeStatus, _ scratch: ScratchFolder) throws {
        try StateFile.makeDirectory(scratch.file("run"))
        try StateFile.write(scratch.file("run/status.json"), try JSON.encodePretty(status), durable: false)
    }

    @Test("a status counts only while its directory is held") func held() throws {
        let scratch = try ScratchFolder()
        let configuration = try configuration(scratch)
        let status = NodeStatus(pid: 1, startedAtMs: 2)
        try write(status, scratch)
        #expect(try DaemonPresence(configuration) == .absent)
        do {
            let directory = try StateDirectory(claiming: scratch.file("state"))
            #expect(try DaemonPresence(configuration) == .told(status))
            #expect(directory.path == configuration.stateDirectory)
        }
        #expect(try DaemonPresence(configuration) == .absent)
    }

    @Test("a daemon that has written nothing here is there all the same") func untold() throws {
        let scratch = try ScratchFolder()
        let configuration = try configuration(scratch)
        let directory = try StateDirectory(claiming: configuration.stateDirectory)
        #expect(try DaemonPresence(configuration) == .untold(path: scratch.file("run/status.json")))
        withExtendedLifetime(directory) {}
    }

    @Test("a status that is not ours is named, not taken for none") func foreign() throws {
        let scratch = try ScratchFolder()
        let configuration = try configuration(scratch)
        let directory = try StateDirectory(claiming: configuration.stateDirectory)
        let path = scratch.file("run/status.json")
        try StateFile.makeDirectory(scratch.file("run"))
        try StateFile.write(path, Array("[1]".utf8), durable: false)
        do throws(StateError) {
            let presence = try DaemonPresence(configuration)
            Issue.record("understood as \(presence)")
        } catch {
            guard case .malformed(path, _) = error else {
                Issue.record("another error: \(error)")
                return
            }
        }
        withExtendedLifetime(directory) {}
    }

    @Test("the feed tells each change once, the end too") func feed() async throws {
        let scratch = try ScratchFolder()
        let configuration = try configuration(scratch)
        try await onEventLoop { loop in
            var directory: StateDirectory? = try StateDirectory(claiming: configuration.stateDirectory)
            var feed = try DaemonFeed(configuration, on: loop)
            #expect(try await feed.next() == .untold(path: scratch.file("run/status.json")))
            var status = NodeStatus(pid: 1, startedAtMs: 2)
            try write(status, scratch)
            #expect(try await feed.next() == .told(status))
            status.state = .connected
            try write(status, scratch)
            #expect(try await feed.next() == .told(status))
            withExtendedLifetime(directory) {}
            directory = nil
            // No file changes, as when a daemon is killed.
            #expect(try await feed.next() == .absent)
        }
    }
}
