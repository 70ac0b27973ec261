import Glibc
import LinuxIO
import NodeMedia
import NodeTesting
import Testing

@testable import ClipChannel

/// The encoder's own end of the channel, in its process.
extension EncoderTests {
    @Suite("clawnode-encode when its asker does something wrong", .timeLimit(.minutes(5))) struct EncoderServiceTests {
        private static let program = OwnProgram.directory.map { $0 + "/clawnode-encode" } ?? ""

        /// Processes of `parent` that encode.
        private static func children(of parent: pid_t) throws -> [pid_t] {
            try Directory.names(in: "/proc").compactMap { pid_t($0) }.filter { pid in
                // A process may go while it is looked at.
                let text = String(decoding: (try? StateFile.read("/proc/\(pid)/stat")) ?? [], as: UTF8.self)
                let words = text.split(separator: ")").last?.split(separator: " ") ?? []
                return text.contains("(clawnode-encode") && words.count > 1 && words[1] == "\(parent)"
            }
        }

        @Test("an encoder whose asker hangs up ends, in the middle of whatever it does")
        func hungUp() async throws {
            try await onEventLoop { loop in
                let sockets = try MessageSocket.pair(on: loop)
                let child = try ChildProcess.spawn(
                    Self.program, arguments: [], descriptors: [(sockets.theirs.raw, as: 3)], on: loop)
                try await Self.order(sockets.ours)
                sockets.ours.close()
                #expect(try await child.wait() == .exited(0))
            }
        }

        @Test("an encoder whose parent dies dies with it, also when it is stopped and somebody else holds its socket")
        func orphaned() async throws {
            try await onEventLoop { loop in
                let sockets = try MessageSocket.pair(on: loop)
                let shell = try ChildProcess.spawn(
                    "/bin/sh", arguments: ["-c", "'\(Self.program)' & wait"],
                    descriptors: [(sockets.theirs.raw, as: 3)], on: loop)
                try await Self.order(sockets.ours)
                // It has answered, so that it is there.
                _ = try await sockets.ours.receive()
                let process = try #require(try Self.children(of: shell.pid).first)
                kill(process, SIGSTOP)
                kill(shell.pid, SIGKILL)
                _ = try await shell.wait()
                await death(of: process)
            }
        }

        @Test("orders that nobody gives are refused in words", arguments: ["garbage", "small", "unsealed"])
        func badOrder(kind: String) async throws {
            try await onEventLoop { loop in
                let sockets = try MessageSocket.pair(on: loop)
                let child = try ChildProcess.spawn(
                    Self.program, arguments: [], descriptors: [(sockets.theirs.raw, as: 3)], on: loop)
                let order = EncoderMessage.order(.init(Studio.plan())).bytes
                let ring = try SharedMemory(name: "ring", size: 4_096)
                let file = try MemoryFile(name: "ring")
                switch kind {
                case "garbage": try await sockets.ours.send([77, 1, 2, 3])
                case "small": try await sockets.ours.send(order, descriptors: [ring.descriptor])
                default: try await sockets.ours.send(order, descriptors: [file.descriptor])
                }
                let answer = try await sockets.ours.receive()?.bytes ?? []
                #expect(EncoderMessage(answer) == .failed(.unencodable("the order cannot be read")))
                #expect(try await child.wait() == .exited(0))
            }
        }

        private static func order(_ socket: MessageSocket) async throws {
            let plan = Studio.plan()
            let layout = try #require(RingLayout(plan))
            let ring = try SharedMemory(name: "ring", size: layout.size)
            try await socket.send(EncoderMessage.order(.init(plan)).bytes, descriptors: [ring.descriptor])
        }
    }
}
