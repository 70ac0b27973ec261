import LinuxIO
import NodeCore
import NodeTesting
import Testing

@testable import Worker

@Suite(.timeLimit(.minutes(1))) struct WorkerProbeTests {
    @Test("a worker tells its version, and is gone afterwards") func version() async throws {
        let locks = try ScratchFolder()
        try await onEventLoop { loop in
            let source = WorkerSource.program(
                WorkerProgram(name: "worker-probe", arguments: ["10000", locks.path], variables: [:]))
            let version = try await source.probe(on: loop, within: .seconds(60))
            #expect(version == nodeVersion)
        }
    }

    @Test("one that is not there, or ends without a word, is told with what is known of it") func mute() async throws {
        try await onEventLoop { loop in
            let absent = WorkerSource.program(WorkerProgram(name: "no-such-worker", variables: [:]))
            await #expect(throws: Refusal.self) { try await absent.probe(on: loop, within: .seconds(60)) }
            let unlistened = WorkerSource.socket(path: "/nonexistent/media.sock", name: "w")
            do throws(Refusal) {
                let version = try await unlistened.probe(on: loop, within: .seconds(60))
                Issue.record("it is version \(version)")
            } catch { #expect(error.message.contains("systemctl enable --now w.socket")) }
        }
    }
}
