import Glibc
import Testing

@testable import LinuxIO

@Suite struct StandardErrorTests {
    @Test("stderr is the journal's when it is the very file that was named, and not when another was") func journal()
        throws
    {
        var status = stat()
        try call { fstat(STDERR_FILENO, &status) }
        #expect(StandardError.isJournal("\(status.st_dev):\(status.st_ino)"))
        #expect(!StandardError.isJournal("\(status.st_dev):\(status.st_ino + 1)"))
        #expect(!StandardError.isJournal("\(status.st_dev + 1):\(status.st_ino)"))
        for text in [nil, "", ":", "9:", "journal"] { #expect(!StandardError.isJournal(text)) }
    }
}
