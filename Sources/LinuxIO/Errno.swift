import CLinux
import Glibc

/// A failed system call's `errno`, with the kernel's words for it.
package struct Errno: Error, Equatable, Hashable, Sendable, CustomStringConvertible {
    package let code: CInt

    package init(_ code: CInt) {
        self.code = code
    }

    package static var current: Errno { Errno(errno) }

    /// What a send says when nobody is there to receive.
    package var isPeerGone: Bool { code == EPIPE || code == ECONNRESET }

    /// What a connection says when no packet would even leave.
    package var isOfRoutes: Bool { [ENETUNREACH, ENETDOWN, EAFNOSUPPORT, EADDRNOTAVAIL].contains(code) }

    package var description: String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { text in
            guard let start = text.baseAddress, strerror_r(code, start, text.count) == 0 else { return "error \(code)" }
            return String(cString: start)
        }
    }
}

/// The result of a system call, or its `Errno`; interrupted calls are made again. The only such loop there is.
@discardableResult
package func call<R: SignedInteger>(_ body: () -> R) throws(Errno) -> R {
    while true {
        let result = body()
        if result != -1 { return result }
        if errno != EINTR { throw .current }
    }
}

/// The same, with one failure that is no failure to the caller: it gives nil.
package func call<R: SignedInteger>(unless expected: CInt, _ body: () -> R) throws(Errno) -> R? {
    while true {
        let result = body()
        if result != -1 { return result }
        if errno == expected { return nil }
        if errno != EINTR { throw .current }
    }
}
