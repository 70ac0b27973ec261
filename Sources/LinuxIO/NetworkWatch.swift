import CLinux
import Glibc

/// Tells what comes to the machine's network: links, addresses, routes (rtnetlink(7)). What goes is not told.
package final class NetworkWatch: Sendable {
    private let descriptor: FileDescriptor
    private let readiness: Readiness

    package init(on loop: EventLoop) throws(Errno) {
        let type = CInt(SOCK_RAW.rawValue) | O_CLOEXEC | O_NONBLOCK
        descriptor = FileDescriptor(adopting: try call { socket(AF_NETLINK, type, NETLINK_ROUTE) })
        let raw = descriptor.raw
        var address = sockaddr_nl()
        address.nl_family = sa_family_t(AF_NETLINK)
        address.nl_groups = UInt32(
            RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE)
        try withUnsafePointer(to: &address) { pointer throws(Errno) in
            try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address throws(Errno) in
                _ = try call { bind(raw, address, socklen_t(MemoryLayout<sockaddr_nl>.size)) }
            }
        }
        readiness = try Readiness(raw, on: loop)
    }

    deinit { readiness.cancel() }

    /// Calls `report` with what has come, once for all that came together; throws `Errno`, or `CancellationError` when the task
    /// is cancelled.
    package func run(_ report: (NetworkNews) -> Void) async throws -> Never {
        var view = NetworkView()
        while true {
            if let news = try readAll(into: &view) { report(news) }
            _ = try await readiness.wait(for: .read)
        }
    }

    /// All that the kernel has to tell now; the last of it that is news.
    private func readAll(into view: inout NetworkView) throws(Errno) -> NetworkNews? {
        var news: NetworkNews?
        // The kernel cuts its messages to no more than 32 KiB.
        var bytes = [UInt8](repeating: 0, count: 32 << 10)
        while true {
            let count: Int?
            do throws(Errno) {
                count = try call(unless: EAGAIN) { recv(descriptor.raw, &bytes, bytes.count, 0) }
            } catch {
                guard error == Errno(ENOBUFS) else { throw error }
                // So much has happened that some of it was lost.
                view = NetworkView()
                news = .much
                continue
            }
            guard let count else { return news }
            news = view.take(bytes[..<count]) ?? news
        }
    }
}
