import Gateway
import Glibc
import LinuxIO
import NodeTesting
import Testing

@testable import NodeRuntime

@Suite(.timeLimit(.minutes(5))) struct StateWatchTests {
    private let scratch: ScratchFolder

    init() throws {
        scratch = try ScratchFolder()
    }

    @Test(
        "a directory that goes is made and claimed again, and what is placed in it is told",
        arguments: ["rm", "mv", "lock"])
    func comesBack(how: String) async throws {
        let path = scratch.file("state")
        let state = try StateDirectory(claiming: path)
        try await onEventLoop { loop in
            let watch = try StateWatch(state, on: loop)
            for _ in 0..<3 {
                switch how {
                case "rm": Directory.remove(path)
                case "mv": rename(path, scratch.file("elsewhere"))
                default: unlink(path + "/state.lock")
                }
                while try !StateDirectory.isClaimed(path) { try await watch.next() }
                try StateFile.write(path + "/mark", [], durable: false)
                try await watch.next()
                Directory.remove(scratch.file("elsewhere"))
            }
        }
        withExtendedLifetime(scratch) {}
    }

    @Test("a directory that cannot be made is tried again until it can") func inTheWay() async throws {
        let parent = scratch.file("parent")
        let state = try StateDirectory(claiming: parent + "/state")
        try await onEventLoop { loop in
            let watch = try StateWatch(state, on: loop)
            Directory.remove(parent)
            try StateFile.write(parent, [1], durable: false)
            // Its end, and an attempt that fails.
            for _ in 0..<3 { try await watch.next() }
            #expect(throws: StateError.self) { try state.claimAgain() }
            unlink(parent)
            while access(parent + "/state", F_OK) != 0 { try await watch.next() }
            #expect(try StateDirectory.isClaimed(state.path))
        }
    }
}
