import Glibc
import Testing

@testable import LinuxIO

@Suite struct ErrnoTests {
    /// A system call that fails with each of these, and then gives 7.
    private func failing(_ codes: [CInt]) -> () -> CInt {
        var rest = codes[...]
        return {
            guard let code = rest.popFirst() else { return 7 }
            errno = code
            return -1
        }
    }

    @Test("interrupted calls are made again, others fail")
    func calls() throws {
        #expect(try call(failing([EINTR, EINTR])) == 7)
        #expect(throws: Errno(EACCES)) { try call(failing([EINTR, EACCES])) }
    }

    @Test("an expected failure is nil, the others are what they were")
    func expected() throws {
        #expect(try call(unless: EAGAIN, failing([EINTR, EAGAIN])) == nil)
        #expect(try call(unless: EAGAIN, failing([EINTR])) == 7)
        #expect(throws: Errno(EPIPE)) { try call(unless: EAGAIN, failing([EPIPE])) }
    }

    @Test("an error is told in the kernel's words")
    func words() {
        #expect(Errno(EACCES).description == "Permission denied")
        #expect(Errno(99_999).description.contains("99999"))
        #expect(Errno(EPIPE).isPeerGone && Errno(ECONNRESET).isPeerGone && !Errno(EAGAIN).isPeerGone)
    }
}
