import CLinux
import Glibc

/// Signals as something to wait for. They are blocked for the whole process from `init` on, so it comes first in a program.
package final class SignalListener: Sendable {
    private let descriptor: FileDescriptor
    private let readiness: Readiness

    package init(_ signals: [CInt], on loop: EventLoop) throws(Errno) {
        var set = sigset_t()
        sigemptyset(&set)
        for number in signals { sigaddset(&set, number) }
        pthread_sigmask(SIG_BLOCK, &set, nil)
        descriptor = FileDescriptor(adopting: try call { signalfd(-1, &set, O_CLOEXEC | O_NONBLOCK) })
        readiness = try Readiness(descriptor.raw, on: loop)
    }

    deinit { readiness.cancel() }

    /// The next signal's number. Throws `CancellationError` only.
    package func next() async throws -> CInt {
        while true {
            var info = signalfd_siginfo()
            if Glibc.read(descriptor.raw, &info, MemoryLayout<signalfd_siginfo>.size) > 0 {
                return CInt(info.ssi_signo)
            }
            _ = try await readiness.wait(for: .read)
        }
    }
}
