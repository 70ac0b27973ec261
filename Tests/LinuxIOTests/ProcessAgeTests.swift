import Glibc
import NodeTesting
import Testing

@testable import LinuxIO

@Suite struct ProcessAgeTests {
    @Test("a process is as old as the time since it began, whatever its program is called") func age() async throws {
        let scratch = try ScratchFolder()
        let odd = scratch.file("a) b (c")
        try await onEventLoop { loop in
            let copy = try ChildProcess.spawn("/bin/cp", arguments: ["/bin/sleep", odd], on: loop)
            #expect(try await copy.wait() == .exited(0))
            let began = ContinuousClock.now
            let child = try ChildProcess.spawn(odd, arguments: ["100"], on: loop)
            let age = try #require(processAge(of: Int(child.pid)))
            // The kernel counts in ticks.
            #expect(age >= .zero && age <= began.duration(to: .now) + .milliseconds(20))
            child.signal(SIGKILL)
            _ = try await child.wait()
            #expect(processAge(of: Int(child.pid)) == nil)
        }
    }
}
