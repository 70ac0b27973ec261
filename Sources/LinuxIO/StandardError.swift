import Glibc
import Synchronization

/// stderr, whose reader may be slow or stand still: a terminal after Ctrl-S, a full pipe, a journal that hangs.
package enum StandardError {
    /// In milliseconds: long for a reader that is merely busy.
    private static let patience: CInt = 100
    private static let isStuck = Atomic(false)

    /// Whether it is the stream to the journal that `JOURNAL_STREAM` tells of (systemd.exec(5)). That the variable is set says
    /// nothing: whoever started us may have put something else in the stream's place.
    package static func isJournal(_ variable: String?) -> Bool {
        var status = stat()
        guard let variable, fstat(STDERR_FILENO, &status) == 0 else { return false }
        return variable == "\(status.st_dev):\(status.st_ino)"
    }

    /// Writes a line in one call, so that those of several threads do not mix. False when nobody reads: it is dropped, after a
    /// moment's wait that those after it do not repeat. A line longer than a page may still have to wait.
    package static func write(_ line: UnsafeBufferPointer<UInt8>) -> Bool {
        var entry = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
        let isReady = poll(&entry, 1, isStuck.load(ordering: .relaxed) ? 0 : patience) != 0
        isStuck.store(!isReady, ordering: .relaxed)
        // There is nowhere to report a failure to.
        if isReady { _ = Glibc.write(STDERR_FILENO, line.baseAddress, line.count) }
        return isReady
    }
}
