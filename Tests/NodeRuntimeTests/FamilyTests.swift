import NodeTesting
import Testing

@testable import NodeRuntime

@Suite struct FamilyTests {
    @Test("a family that is switched on stays on, however often, and leaves the others alone") func switchOn() throws {
        let scratch = try ScratchFolder()
        let file = scratch.file("etc/clawnode.json")
        let surroundings = Surroundings(variables: ["CLAWNODE_CONFIG": file], isRoot: false)
        let camera = try #require(Family.all.first { $0.name == "camera" })
        try camera.switchOn(file: file)
        try camera.switchOn(file: file)
        // The file itself is the owner's to write.
        #expect(throws: (any Error).self) {
            try ConfigurationSources(file: nil, options: [:], surroundings: surroundings)
        }
        let usual = Surroundings(variables: ["HOME": scratch.path], isRoot: false)
        try camera.switchOn(file: usual.defaultConfigurationFile)
        let sources = try ConfigurationSources(file: nil, options: [:], surroundings: usual)
        #expect(try Configuration(sources, usual).enabled == ["device", "camera"])
    }

    @Test("a directory that cannot be written is an error with its path") func unwritable() throws {
        let camera = try #require(Family.all.first { $0.name == "camera" })
        #expect(throws: (any Error).self) { try camera.switchOn(file: "/proc/clawnode/clawnode.json") }
    }

    @Test("every command has one family, and every family commands") func commands() {
        let names = Family.all.flatMap(\.commands)
        #expect(Set(names).count == names.count)
        #expect(Family.all.allSatisfy { !$0.commands.isEmpty })
    }

    @Test("what switches it on names the file, and the line that makes the daemon see it") func remedy() throws {
        let camera = try #require(Family.all.first { $0.name == "camera" })
        func remedy(of state: String) throws -> String {
            let surroundings = Surroundings(
                variables: ["HOME": "/nonexistent", "STATE_DIRECTORY": state], isRoot: false)
            let sources = try ConfigurationSources(file: nil, options: [:], surroundings: surroundings)
            return camera.remedy(try Configuration(sources, surroundings))
        }
        let file = "/nonexistent/.config/clawnode/clawnode.json"
        let words = "put \"capabilities\": {\"camera\": true} into \(file) and "
        #expect(try remedy(of: "/home/x") == words + "restart clawnode, or start it with --enable camera")
        #expect(try remedy(of: "/var/lib/clawnode") == words + "then: sudo systemctl restart clawnode")
    }
}
