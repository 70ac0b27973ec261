import Glibc

/// A point on the kernel's `CLOCK_MONOTONIC`, the clock that drivers stamp frames with. Swift's `ContinuousClock` also counts
/// the time a machine sleeps, so the two must not be compared.
package struct MonotonicTime: Comparable, Sendable {
    package let nanoseconds: Int64

    package init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    package static var now: MonotonicTime {
        var time = timespec()
        // Cannot fail: the clock exists and the address is good.
        clock_gettime(CLOCK_MONOTONIC, &time)
        return MonotonicTime(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    package static func < (left: MonotonicTime, right: MonotonicTime) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    package static func + (time: MonotonicTime, duration: Duration) -> MonotonicTime {
        MonotonicTime(nanoseconds: time.nanoseconds + Int64(duration / .nanoseconds(1)))
    }

    package func duration(to later: MonotonicTime) -> Duration {
        .nanoseconds(later.nanoseconds - nanoseconds)
    }
}
