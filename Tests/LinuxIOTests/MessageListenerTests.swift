import Glibc
import NodeTesting
import Testing

@testable import LinuxIO

@Suite(.timeLimit(.minutes(5))) struct MessageListenerTests {
    @Test("who connects is known by the kernel's word, and what is said arrives") func accept() async throws {
        let scratch = try ScratchFolder()
        let path = scratch.file("socket")
        try await onEventLoop { loop in
            let listener = try MessageListener(path: path, mode: 0o666, on: loop)
            var status = stat()
            try call { stat(path, &status) }
            #expect(status.st_mode & 0o777 == 0o666)
            for number in UInt8(1)...3 {
                let ours = try MessageSocket.connect(to: path, on: loop)
                let (theirs, user) = try await listener.accept()
                #expect(user == geteuid())
                try await ours.send([number])
                #expect(try await theirs.receive()?.bytes == [number])
            }
        }
    }

    @Test("what was left at its place by another life gives way, and nothing is left by this one") func place()
        async throws
    {
        let scratch = try ScratchFolder()
        let path = scratch.file("socket")
        try await onEventLoop { loop in
            let first = try MessageListener(path: path, mode: 0o600, on: loop)
            let second = try MessageListener(path: path, mode: 0o600, on: loop)
            let ours = try MessageSocket.connect(to: path, on: loop)
            _ = try await second.accept()
            second.close()
            #expect(scratch.names.isEmpty)
            await #expect(throws: CancellationError.self) { _ = try await second.accept() }
            withExtendedLifetime((first, ours)) {}
        }
    }

    @Test("a place that cannot be had is an error") func unusable() throws {
        let loop = try EventLoop()
        #expect(throws: Errno(ENOENT)) {
            _ = try MessageListener(path: "/nonexistent/socket", mode: 0o600, on: loop)
        }
    }
}
