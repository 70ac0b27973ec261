import Glibc
import LinuxIO
import NodeCore

@testable import Worker

/// The worker channel's messages, a packet a line: read by a daemon, and performed by a worker. A `+` before one is a
/// sealed file that comes with it, a `-` one that is not sealed.
enum WorkerMessages {
    private struct Packet: Sendable {
        var bytes: [UInt8]
        var seals: [Bool] = []

        init(_ line: [UInt8]) {
            bytes = line
            while seals.count < 2, let sign = bytes.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") {
                seals.append(sign == UInt8(ascii: "+"))
                bytes.removeFirst()
            }
        }

        /// Nil for what cannot be used.
        var message: WorkerMessage? {
            do throws(JSONFailure) {
                let message = try JSON.decode(WorkerMessage.self, from: bytes)
                let needed = WorkerMessages.attachments(of: message)
                return seals.count >= needed && seals.prefix(needed).allSatisfy { $0 } ? message : nil
            } catch { return nil }
        }
    }

    @Sendable static func check(_ input: [UInt8]) throws {
        let packets = input.split(separator: UInt8(ascii: "\n")).map { Packet(Array($0)) }
            .filter { (1...MessageSocket.maxMessage).contains($0.bytes.count) }.prefix(20)
        for packet in packets {
            guard let message = packet.message else { continue }
            let text = try JSON.encode(message)
            let again = try JSON.encode(try JSON.decode(WorkerMessage.self, from: text))
            expect(again == text, "a message that is sent is the same")
        }
        let loop = try EventLoop()
        try loop.run {
            try await checkDaemon(Array(packets), loop)
            try await checkWorker(Array(packets), loop)
        }
    }

    private static func attachments(of message: WorkerMessage) -> Int {
        switch message {
        case .invoke(let invoke): invoke.params == .attached ? 1 : 0
        case .reply(let reply):
            if case .success(let text) = reply.outcome {
                (text == .attached ? 1 : 0) + (reply.blobField == nil ? 0 : 1)
            } else {
                0
            }
        case .cancel, .hello, .begun, .resting, .condition: 0
        }
    }

    private static func sockets(_ loop: EventLoop) throws -> (MessageSocket, MessageSocket) {
        let pair = try MessageSocket.pair(on: loop)
        return (pair.ours, try MessageSocket(adopting: pair.theirs.duplicate(), on: loop))
    }

    private static func send(_ packets: [Packet], to socket: MessageSocket) async throws {
        for packet in packets {
            var files: [MemoryFile] = []
            for isSealed in packet.seals {
                let file = try MemoryFile(name: "fuzz")
                try file.append(packet.bytes)
                if isSealed { try file.seal() }
                files.append(file)
            }
            defer { withExtendedLifetime(files) {} }
            do { try await socket.send(packet.bytes, descriptors: files.map(\.descriptor)) } catch let error as Errno
                where error.isPeerGone
            { return }
        }
    }

    // MARK: The daemon's side

    private static func checkDaemon(_ packets: [Packet], _ loop: EventLoop) async throws {
        let (worker, daemon) = try sockets(loop)
        let channel = WorkerChannel(daemon)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await send(packets, to: worker)
                worker.close()
            }
            group.addTask {
                var count = 0
                do {
                    while try await channel.receive() != nil { count += 1 }
                } catch is WorkerChannelError {}
                let good = packets.prefix { $0.message != nil }.count
                expect(count == good, "all is received that can be used, and nothing after what cannot")
                channel.close()
            }
            try await group.waitForAll()
        }
    }

    // MARK: The worker's side

    private static func checkWorker(_ packets: [Packet], _ loop: EventLoop) async throws {
        let invokes = packets.prefix { $0.message != nil }.compactMap { packet in
            if case .invoke(let invoke)? = packet.message { invoke } else { nil }
        }
        let (daemon, worker) = try sockets(loop)
        let registry = CommandRegistry([
            Handler(name: "echo") { invocation, _ in Reply(outcome: .success(invocation.params ?? Array("{}".utf8))) },
            Handler(name: "blob") { invocation, _ in blob(invocation.params ?? []) },
        ])
        let service = WorkerService(
            registry: registry, socket: worker, timekeeper: loop, log: .silent,
            giveUp: { expect(false, "all work ends") })
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await service.run() }
            group.addTask { try await send(packets, to: daemon) }
            group.addTask {
                let answered = try await replies(from: WorkerChannel(daemon), count: invokes.count)
                expect(answered.sorted() == invokes.map(\.id).sorted(), "each invocation is answered once")
                daemon.close()
            }
            try await group.waitForAll()
        }
    }

    private static func replies(from channel: WorkerChannel, count: Int) async throws -> [Int] {
        var ids: [Int] = []
        while ids.count < count, let received = try await channel.receive() {
            if case .reply(let reply) = received.message { ids.append(reply.id) }
        }
        return ids
    }

    private static func blob(_ bytes: [UInt8]) -> Reply {
        do throws(Errno) {
            let file = try MemoryFile(name: "fuzz")
            try file.append(bytes)
            return Reply(outcome: .success(Array("{}".utf8)), blob: Blob(file: file, field: "base64"))
        } catch { return .refused(Refusal(.unavailable, "\(error)")) }
    }
}
