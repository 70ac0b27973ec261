import NodeTesting
import Testing

@testable import NodeRuntime

@Suite struct StateDirectoryTests {
    @Test("a second daemon cannot claim a state directory, and the first one's end frees it") func claimed() throws {
        let scratch = try ScratchFolder()
        do {
            let first = try StateDirectory(claiming: scratch.path)
            #expect(throws: AgentError.alreadyRunning(scratch.path)) { try StateDirectory(claiming: scratch.path) }
            #expect(try StateDirectory.isClaimed(first.path))
        }
        #expect(try !StateDirectory.isClaimed(scratch.path))
    }
}
