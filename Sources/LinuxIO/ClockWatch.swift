import CLinux
import Glibc

/// How far the machine's clocks ran apart between two looks at them.
package struct ClockJump: Equatable, Sendable {
    /// How long the machine slept.
    package var slept: Duration
    /// By how much the time of day was set, either way.
    package var set: Duration

    package init(slept: Duration = .zero, set: Duration = .zero) {
        self.slept = slept
        self.set = set
    }
}

/// The machine's three clocks at one moment.
package struct ClockReading: Equatable, Sendable {
    /// The time of day, since 1970.
    package var real: Duration
    /// Since the start, sleep included.
    package var boot: Duration
    /// The same without sleep.
    package var monotonic: Duration

    package static func now() -> ClockReading {
        func read(_ clock: clockid_t) -> Duration {
            var time = timespec()
            clock_gettime(clock, &time)
            return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
        }
        return ClockReading(real: read(CLOCK_REALTIME), boot: read(CLOCK_BOOTTIME), monotonic: read(CLOCK_MONOTONIC))
    }

    func jump(since earlier: ClockReading) -> ClockJump {
        ClockJump(
            slept: (boot - monotonic) - (earlier.boot - earlier.monotonic),
            set: (real - boot) - (earlier.real - earlier.boot))
    }
}

/// Tells that the time of day was set or the machine has slept: a timer that the kernel cancels then (timerfd_create(2)).
/// It takes no rights and no service to be told.
package final class ClockWatch: Sendable {
    private let descriptor: FileDescriptor
    private let readiness: Readiness

    package init(on loop: EventLoop) throws(Errno) {
        descriptor = FileDescriptor(adopting: try call { timerfd_create(CLOCK_REALTIME, O_CLOEXEC | O_NONBLOCK) })
        let raw = descriptor.raw
        var never = itimerspec()
        never.it_value.tv_sec = .max
        try call { timerfd_settime(raw, CN_TFD_TOLD_OF_SETTING, &never, nil) }
        readiness = try Readiness(raw, on: loop)
    }

    deinit { readiness.cancel() }

    /// Calls `report` at each jump, however small, until the task is cancelled, and then throws `CancellationError`.
    package func run(_ report: (ClockJump) -> Void) async throws -> Never {
        var last = ClockReading.now()
        while true {
            var count: UInt64 = 0
            if Glibc.read(descriptor.raw, &count, 8) < 0, errno == EAGAIN {
                _ = try await readiness.wait(for: .read)
                continue
            }
            let now = ClockReading.now()
            report(now.jump(since: last))
            last = now
        }
    }
}
