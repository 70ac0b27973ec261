import Glibc
import NodeTesting
import Testing

@testable import LinuxIO

@Suite struct JournalSocketTests {
    /// What listens where the journal would.
    final class Listener {
        private let descriptor: FileDescriptor

        init(_ path: String) throws {
            unlink(path)
            let raw = try call { socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue), 0) }
            descriptor = FileDescriptor(adopting: raw)
            try withUnixAddress(path) { address, length throws(Errno) in try call { bind(raw, address, length) } }
        }

        /// The next datagram, and what is in the file that came with it.
        func next() throws -> (bytes: [UInt8], file: [UInt8]?) {
            var bytes = [UInt8](repeating: 0, count: 1 << 16)
            // One descriptor behind its head (cmsg(3)).
            var control = [CInt](repeating: -1, count: 6)
            let (size, length) = try bytes.withUnsafeMutableBytes { bytes in
                try control.withUnsafeMutableBytes { control in
                    var vector = iovec(iov_base: bytes.baseAddress, iov_len: bytes.count)
                    return try withUnsafeMutablePointer(to: &vector) { vector in
                        var message = msghdr()
                        message.msg_iov = vector
                        message.msg_iovlen = 1
                        message.msg_control = control.baseAddress
                        message.msg_controllen = control.count
                        return (try call { recvmsg(descriptor.raw, &message, 0) }, message.msg_controllen)
                    }
                }
            }
            guard length > 0 else { return (Array(bytes[..<size]), nil) }
            let file = try MemoryFile(adopting: FileDescriptor(adopting: control[4]))
            return (Array(bytes[..<size]), try file.bytes())
        }
    }

    @Test("an entry is one datagram") func entry() throws {
        let scratch = try ScratchFolder()
        let listener = try Listener(scratch.file("socket"))
        let journal = try JournalSocket(scratch.file("socket"))
        #expect(journal.send(Array("MESSAGE=hello\n".utf8)) == .taken)
        let heard = try listener.next()
        #expect(heard.bytes == Array("MESSAGE=hello\n".utf8) && heard.file == nil)
    }

    @Test("one that is too long for a datagram comes as a file that nobody can change any more") func long() throws {
        let scratch = try ScratchFolder()
        let listener = try Listener(scratch.file("socket"))
        let journal = try JournalSocket(scratch.file("socket"))
        let entry = Array("MESSAGE=".utf8) + [UInt8](repeating: 0x61, count: 4 << 20) + [0x0A]
        #expect(journal.send(entry) == .taken)
        let heard = try listener.next()
        #expect(heard.bytes.isEmpty && heard.file == entry)
    }

    @Test("a journal that comes later, or anew, is found at its path") func restarted() throws {
        let scratch = try ScratchFolder()
        let journal = try JournalSocket(scratch.file("socket"))
        #expect(journal.send([0x61]) == .absent)
        for byte in UInt8(0)..<3 {
            let listener = try Listener(scratch.file("socket"))
            #expect(journal.send([byte]) == .taken)
            #expect(try listener.next().bytes == [byte])
        }
        #expect(journal.send([0x61]) == .absent)
    }

    @Test("a journal that stands still costs the entry and no time, and is written to again when it goes on")
    func stuck() throws {
        let scratch = try ScratchFolder()
        let listener = try Listener(scratch.file("socket"))
        let journal = try JournalSocket(scratch.file("socket"))
        var taken = 0
        while journal.send([UInt8(truncatingIfNeeded: taken)]) == .taken { taken += 1 }
        #expect(taken > 0)
        #expect(journal.send([0x61]) == .stuck)
        for number in 0..<taken { #expect(try listener.next().bytes == [UInt8(truncatingIfNeeded: number)]) }
        #expect(journal.send([0x62]) == .taken)
        #expect(try listener.next().bytes == [0x62])
    }
}
