import Glibc
import NodeTesting
import Testing

@testable import LinuxIO

@Suite(.timeLimit(.minutes(5))) struct MessageSocketTests {
    private struct Ends: Sendable {
        let ours: MessageSocket
        let theirs: MessageSocket
        /// The peer's descriptor once more, for what a MessageSocket does not do.
        let raw: CInt
    }

    private func connected<R: Sendable>(_ body: @escaping @Sendable (Ends) async throws -> R) async throws -> R {
        try await onEventLoop { loop in
            let pair = try MessageSocket.pair(on: loop)
            let raw = pair.theirs.raw
            let theirs = try MessageSocket(adopting: pair.theirs.duplicate(), on: loop)
            return try await body(Ends(ours: pair.ours, theirs: theirs, raw: raw))
        }
    }

    private func bytes(_ socket: MessageSocket) async throws -> [UInt8]? { try await socket.receive()?.bytes }

    private func failure(_ body: () async throws -> Void) async -> Errno? {
        do { try await body() } catch { return error as? Errno }
        return nil
    }

    @Test("messages keep their borders and their order")
    func borders() async throws {
        try await connected { ends in
            let messages = [[1], [2, 3], [UInt8](repeating: 4, count: MessageSocket.maxMessage)]
            for message in messages { try await ends.ours.send(message) }
            for message in messages {
                let got = try await bytes(ends.theirs)
                #expect(got == message)
            }
        }
    }

    @Test("two descriptors arrive in the order of sending")
    func descriptors() async throws {
        try await connected { ends in
            let files = try ["one", "two"].map { name in
                let file = try MemoryFile(name: name)
                try file.append(Array(name.utf8))
                try file.seal()
                return file
            }
            defer { withExtendedLifetime(files) {} }
            try await ends.ours.send([1], descriptors: files.map(\.descriptor))
            guard var packet = try await ends.theirs.receive() else { throw Errno(EPIPE) }
            for expected in ["one", "two"] {
                guard let descriptor = packet.takeDescriptor() else { throw Errno(EBADF) }
                let file = try MemoryFile(adopting: descriptor)
                #expect(try file.bytes() == Array(expected.utf8))
            }
            if packet.takeDescriptor() != nil { Issue.record("a third descriptor") }
        }
    }

    @Test("a descriptor that nobody takes is closed")
    func untaken() async throws {
        try await connected { ends in
            let pipe = try Pipe()
            try await ends.ours.send([1], descriptors: [pipe.writing])
            pipe.closeWriting()
            #expect(!pipe.isAtEnd)
            let got = try await bytes(ends.theirs)
            #expect(got == [1])
            #expect(pipe.isAtEnd)
        }
    }

    @Test("a message with three descriptors is refused, and none of them stays open")
    func tooManyDescriptors() async throws {
        try await connected { ends in
            let pipe = try Pipe()
            try sendRaw([1], [pipe.writing, pipe.writing, pipe.writing], on: ends.raw)
            pipe.closeWriting()
            let told = await failure { _ = try await ends.ours.receive() }
            #expect(told == Errno(EMSGSIZE))
            #expect(pipe.isAtEnd)
        }
    }

    @Test("a message that is too long is refused")
    func tooLong() async throws {
        try await connected { ends in
            let long = [UInt8](repeating: 7, count: MessageSocket.maxMessage + 1)
            #expect(send(ends.raw, long, long.count, 0) == long.count)
            let told = await failure { _ = try await ends.ours.receive() }
            #expect(told == Errno(EMSGSIZE))
        }
    }

    @Test("a hundred senders wait for a peer that does not read, and are received in their order")
    func fullQueue() async throws {
        try await connected { ends in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<100 {
                    let message = [UInt8](repeating: UInt8(number), count: 16 * 1024)
                    group.addTask { try await ends.ours.send(message) }
                }
                await Task.yield()
                for number in 0..<100 {
                    let got = try await bytes(ends.theirs)
                    #expect(got?.first == UInt8(number))
                }
                try await group.waitForAll()
            }
        }
    }

    @Test("who does not wait is told when there is no room, and what had room arrives in its order")
    func posted() async throws {
        try await connected { ends in
            var count = 0
            while try ends.ours.post([UInt8(truncatingIfNeeded: count), 1]) { count += 1 }
            #expect(count > 20)
            for number in 0..<count {
                #expect(try await bytes(ends.theirs) == [UInt8(truncatingIfNeeded: number), 1])
            }
            #expect(try ends.ours.post([9]))
            ends.theirs.close()
            #expect(await failure { _ = try ends.ours.post([9]) }?.isPeerGone == true)
        }
    }

    @Test("a cancelled sender gives up, and those behind it go on")
    func cancelledSender() async throws {
        try await connected { ends in
            let message = [UInt8](repeating: 1, count: MessageSocket.maxMessage)
            // Filled to the brim, past what the type would do.
            while send(ends.raw, message, message.count, CInt(MSG_DONTWAIT)) > 0 {}
            let isCancelled = await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<2 {
                    group.addTask {
                        do { try await ends.theirs.send(message) } catch { return error is CancellationError }
                        return false
                    }
                }
                await Task.yield()
                group.cancelAll()
                return await group.reduce(true) { $0 && $1 }
            }
            #expect(isCancelled)
            async let sent: Void = ends.theirs.send([2])
            while try await bytes(ends.ours) != [2] {}
            try await sent
        }
    }

    // MARK: The end

    @Test("what was sent before the peer closed is received, then comes the end, and nothing can be sent")
    func peerGone() async throws {
        try await connected { ends in
            try await ends.theirs.send([1])
            ends.theirs.close()
            let last = try await bytes(ends.ours)
            #expect(last == [1])
            let end = try await bytes(ends.ours)
            #expect(end == nil)
            let told = await failure { try await ends.ours.send([2]) }
            #expect(told?.isPeerGone == true)
        }
    }

    @Test("a reply is not lost when the peer goes without having read everything")
    func unreadMessages() async throws {
        try await onEventLoop { loop in
            var ends: [CInt] = [-1, -1]
            try call { socketpair(AF_UNIX, CInt(SOCK_SEQPACKET.rawValue) | O_CLOEXEC, 0, &ends) }
            let ours = try MessageSocket(adopting: FileDescriptor(adopting: ends[0]), on: loop)
            #expect(send(ends[1], [9], 1, 0) == 1)
            try await ours.send([1])
            close(ends[1])
            let reply = try await bytes(ours)
            #expect(reply == [9])
            let end = try await bytes(ours)
            #expect(end == nil)
        }
    }

    @Test("one's own end is told apart from the peer's, whether or not one waits for a message when it comes")
    func closed() async throws {
        try await connected { ends in
            async let waiting = isCancelled(ends.ours)
            await Task.yield()
            ends.ours.close()
            let isTold = await waiting
            #expect(isTold)
            let isToldAgain = await isCancelled(ends.ours)
            #expect(isToldAgain)
        }
    }

    private func isCancelled(_ socket: MessageSocket) async -> Bool {
        do { _ = try await socket.receive() } catch { return error is CancellationError }
        return false
    }

    @Test("who takes nothing new still receives what is on its way, and may send")
    func shutdownReading() async throws {
        try await connected { ends in
            try await ends.theirs.send([1])
            async let waiting = bytes(ends.theirs)
            await Task.yield()
            ends.ours.shutdownReading()
            let told = await failure { try await ends.theirs.send([2]) }
            #expect(told?.isPeerGone == true)
            let onItsWay = try await bytes(ends.ours)
            #expect(onItsWay == [1])
            let end = try await bytes(ends.ours)
            #expect(end == nil)
            try await ends.ours.send([3])
            let answer = try await waiting
            #expect(answer == [3])
        }
    }

    @Test("who takes nothing new is woken when it waits")
    func shutdownReadingWakes() async throws {
        try await connected { ends in
            async let waiting = bytes(ends.ours)
            await Task.yield()
            ends.ours.shutdownReading()
            let end = try await waiting
            #expect(end == nil)
        }
    }

    // MARK: What the type itself does not do

    /// One message with any number of descriptors (unix(7), cmsg(3)).
    private func sendRaw(_ bytes: [UInt8], _ descriptors: [CInt], on socket: CInt) throws {
        var bytes = bytes
        let header = MemoryLayout<cmsghdr>.size
        let length = header + descriptors.count * MemoryLayout<CInt>.size
        let control = UnsafeMutableRawBufferPointer.allocate(byteCount: (length + 7) & ~7, alignment: 8)
        defer { control.deallocate() }
        var head = cmsghdr()
        head.cmsg_len = length
        head.cmsg_level = SOL_SOCKET
        head.cmsg_type = CInt(SCM_RIGHTS)
        control.storeBytes(of: head, as: cmsghdr.self)
        for (index, descriptor) in descriptors.enumerated() {
            control.storeBytes(
                of: descriptor, toByteOffset: header + index * MemoryLayout<CInt>.size, as: CInt.self)
        }
        let sent = bytes.withUnsafeMutableBytes { raw in
            var vector = iovec(iov_base: raw.baseAddress, iov_len: raw.count)
            return withUnsafeMutablePointer(to: &vector) { vector in
                var message = msghdr()
                message.msg_iov = vector
                message.msg_iovlen = 1
                message.msg_control = control.baseAddress
                message.msg_controllen = control.count
                return sendmsg(socket, &message, 0)
            }
        }
        if sent < 0 { throw Errno.current }
    }
}

/// A pipe whose end tells whether somebody still has its other end.
final class Pipe: Sendable {
    let reading: CInt
    let writing: CInt

    init() throws {
        var ends: [CInt] = [-1, -1]
        try call { socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue) | O_CLOEXEC | O_NONBLOCK, 0, &ends) }
        (reading, writing) = (ends[0], ends[1])
    }

    deinit { close(reading) }

    /// To be called once.
    func closeWriting() { close(writing) }

    var isAtEnd: Bool {
        var byte: UInt8 = 0
        return read(reading, &byte, 1) == 0
    }
}
