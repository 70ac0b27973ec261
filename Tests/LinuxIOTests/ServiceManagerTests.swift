import Glibc
import NodeTesting
import Testing

@testable import LinuxIO

@Suite struct ServiceManagerTests {
    @Test("what is told arrives in one datagram, and a value cannot add an assignment", arguments: [false, true])
    func tell(isAbstract: Bool) async throws {
        let scratch = try ScratchFolder()
        try await onEventLoop { loop in
            let path = isAbstract ? "@" + scratch.file("notify") : scratch.file("notify")
            let socket = try NotifySocket(path, on: loop)
            let manager = try #require(ServiceManager(variables: ["NOTIFY_SOCKET": path]))
            try await manager.tell(["READY": "1", "STATUS": "fine\nMAINPID=1\r\nWATCHDOG=trigger"])
            #expect(try await socket.next() == "READY=1\nSTATUS=fine MAINPID=1\r WATCHDOG=trigger")
        }
    }

    @Test("nobody to tell it to is told as such") func absent() async throws {
        let scratch = try ScratchFolder()
        try await onEventLoop { _ in
            for (path, code) in [
                (scratch.file("none"), ENOENT), ("/" + String(repeating: "x", count: 200), ENAMETOOLONG),
            ] {
                let manager = try #require(ServiceManager(variables: ["NOTIFY_SOCKET": path]))
                await #expect(throws: Errno(code)) { try await manager.tell(["READY": "1"]) }
            }
        }
    }

    @Test("who tells something while nobody listens waits until the task is cancelled", .timeLimit(.minutes(5)))
    func full() async throws {
        let scratch = try ScratchFolder()
        try await onEventLoop { loop in
            let socket = try NotifySocket(scratch.file("notify"), on: loop)
            try socket.fill()
            let manager = try #require(ServiceManager(variables: ["NOTIFY_SOCKET": scratch.file("notify")]))
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await manager.tell(["READY": "1"]) }
                group.cancelAll()
                try await group.waitForAll()
            }
        }
    }

    @Test(
        "only who was started as a service has a manager",
        arguments: [[:], ["NOTIFY_SOCKET": ""], ["NOTIFY_SOCKET": "vsock:2:1"]])
    func none(variables: [String: String]) {
        #expect(ServiceManager(variables: variables) == nil)
    }

    @Test(
        "the watchdog is for the process that systemd means",
        arguments: [
            (["WATCHDOG_USEC": "3000000"], 3), (["WATCHDOG_USEC": "3000000", "WATCHDOG_PID": String(getpid())], 3),
            (["WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "1"], nil), (["WATCHDOG_USEC": "0"], nil),
            (["WATCHDOG_USEC": "soon"], nil), ([:], nil),
        ] as [([String: String], Int?)])
    func patience(variables: [String: String], seconds: Int?) throws {
        let variables = variables.merging(["NOTIFY_SOCKET": "/run/systemd/notify"]) { $1 }
        #expect(try #require(ServiceManager(variables: variables)).patience == seconds.map { .seconds($0) })
    }
}
