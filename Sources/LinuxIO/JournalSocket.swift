import CLinux
import Glibc
import Synchronization

/// The way into systemd's journal that keeps fields apart: an entry is a datagram of fields, or a sealed memfd of them where it
/// is too long for one (https://systemd.io/JOURNAL_NATIVE_PROTOCOL).
package final class JournalSocket: Sendable {
    package static let usualPath = "/run/systemd/journal/socket"

    package enum Outcome: Equatable, Sendable {
        case taken
        /// It is there and takes nothing in; this entry is dropped.
        case stuck
        case absent
    }

    /// In milliseconds, as for whoever reads stderr.
    private static let patience: CInt = 100

    private let path: String
    private let descriptor: FileDescriptor
    private let isStuck = Atomic(false)

    package init(_ path: String = usualPath) throws(Errno) {
        self.path = path
        let type = CInt(SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue) | O_CLOEXEC
        descriptor = FileDescriptor(adopting: try call { socket(AF_UNIX, type, 0) })
        // A journal that is not there yet may come.
        try? connect()
    }

    private func connect() throws(Errno) {
        try withUnixAddress(path) { address, length throws(Errno) in
            try call { Glibc.connect(descriptor.raw, address, length) }
        }
    }

    /// Waits for a moment while the journal's queue is full, which those after it do not repeat.
    package func send(_ entry: [UInt8]) -> Outcome {
        var room = pollfd(fd: descriptor.raw, events: Int16(POLLOUT), revents: 0)
        guard poll(&room, 1, isStuck.load(ordering: .relaxed) ? 0 : Self.patience) != 0 else {
            isStuck.store(true, ordering: .relaxed)
            return .stuck
        }
        isStuck.store(false, ordering: .relaxed)
        do throws(Errno) {
            try deliver(entry)
            return .taken
        } catch { return error == Errno(EAGAIN) ? .stuck : .absent }
    }

    private func deliver(_ entry: [UInt8]) throws(Errno) {
        do throws(Errno) { try deliverOnce(entry) } catch {
            // One that was started anew has another socket at the same path.
            guard error == Errno(ECONNREFUSED) || error == Errno(ENOTCONN) || error == Errno(ECONNRESET) else {
                throw error
            }
            try connect()
            try deliverOnce(entry)
        }
    }

    private func deliverOnce(_ entry: [UInt8]) throws(Errno) {
        let sent = try call(unless: EMSGSIZE) {
            cn_send_with_descriptors(descriptor.raw, entry, entry.count, [], 0)
        }
        guard sent == nil else { return }
        let file = try MemoryFile(name: "journal entry")
        try file.append(entry)
        try file.seal()
        try call { cn_send_with_descriptors(descriptor.raw, nil, 0, [file.descriptor], 1) }
    }
}
