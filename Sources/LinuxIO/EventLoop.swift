import CLinux
import Glibc
import Synchronization

/// One thread around one epoll, on which a whole program's tasks run: readiness, deadlines and jobs share it, so that a
/// message goes from socket to command to socket without a thread being woken on the way.
///
/// It is a task executor: tasks started inside `run` inherit it, child tasks and default actors included. Nothing that
/// blocks may run here. Waiting on it is possible from tasks of other executors too.
package final class EventLoop: TaskExecutor, Timekeeper {
    private struct State {
        var jobs: [UnownedJob] = []
        var timers = TimerHeap<CheckedContinuation<Void, any Error>>()
        var armed: ContinuousClock.Instant?
        var registrations: [UInt64: Readiness] = [:]
        var lastToken = EventLoop.ownTokens
        var isWaiting = false
    }

    // What epoll hands back for the loop's own descriptors; registrations get higher numbers.
    private static let wakeupToken: UInt64 = 0
    private static let timerToken: UInt64 = 1
    private static let ownTokens: UInt64 = 1

    private let epoll: FileDescriptor
    private let wakeup: FileDescriptor
    private let timer: FileDescriptor
    private let state = Mutex(State())

    package init() throws(Errno) {
        epoll = FileDescriptor(adopting: try call { epoll_create1(O_CLOEXEC) })
        wakeup = FileDescriptor(adopting: try call { eventfd(0, O_CLOEXEC | O_NONBLOCK) })
        // BOOTTIME: a deadline that passed while the machine slept is due when it wakes.
        timer = FileDescriptor(adopting: try call { timerfd_create(CLOCK_BOOTTIME, O_CLOEXEC | O_NONBLOCK) })
        try control(EPOLL_CTL_ADD, wakeup.raw, events: CN_EPOLLIN, token: Self.wakeupToken)
        try control(EPOLL_CTL_ADD, timer.raw, events: CN_EPOLLIN, token: Self.timerToken)
    }

    // MARK: Running

    /// Makes the calling thread the loop until `body` has returned, and gives its result.
    package func run<R: Sendable>(_ body: @escaping @Sendable () async throws -> R) throws -> R {
        let outcome = Outcome<R>()
        // The root of all other tasks; the lines below wait for it.
        Task(executorPreference: self) {
            let result: Result<R, any Error>
            do { result = .success(try await body()) } catch { result = .failure(error) }
            outcome.result.withLock { $0 = result }
            self.wake()
        }
        while true {
            if let result = outcome.result.withLock({ $0 }) { return try result.get() }
            turn()
        }
    }

    private final class Outcome<R: Sendable>: Sendable {
        let result = Mutex<Result<R, any Error>?>(nil)
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let mustWake = state.withLock { state in
            state.jobs.append(job)
            return state.isWaiting
        }
        if mustWake { wake() }
    }

    private func wake() {
        var one: UInt64 = 1
        // A full counter means that a wake-up is already on its way.
        _ = Glibc.write(wakeup.raw, &one, 8)
    }

    /// Runs the jobs that are there, then what the kernel has to tell; waits for it only when there is no job.
    private func turn() {
        var jobs: [UnownedJob] = []
        state.withLock { swap(&$0.jobs, &jobs) }
        for job in jobs { job.runSynchronously(on: asUnownedTaskExecutor()) }

        let mayWait = state.withLock { state in
            setTimer(&state)
            state.isWaiting = state.jobs.isEmpty
            return state.isWaiting
        }
        var events = InlineEvents()
        let count = events.wait(epoll.raw, timeout: mayWait ? -1 : 0)
        state.withLock { $0.isWaiting = false }
        for index in 0..<max(0, count) {
            let event = events[index]
            switch event.token {
            case Self.wakeupToken: drain(wakeup.raw)
            case Self.timerToken:
                drain(timer.raw)
                fireTimers()
            default: state.withLock { $0.registrations[event.token] }?.became(event.events)
            }
        }
    }

    private func drain(_ descriptor: CInt) {
        var count: UInt64 = 0
        // Nothing to read is as good: the counter is what matters, and it is zero then.
        _ = Glibc.read(descriptor, &count, 8)
    }

    // MARK: Time

    package var now: ContinuousClock.Instant { .now }

    package func sleep(until deadline: ContinuousClock.Instant) async throws {
        let timer = state.withLock { $0.timers.makeID() }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isCancelled = state.withLock { state in
                    // The flag is set before the handler below runs, so either sees what the other did.
                    if Task.isCancelled { return true }
                    state.timers.insert(continuation, as: timer, at: deadline)
                    // Before it waits again, the loop looks for itself.
                    if state.isWaiting { setTimer(&state) }
                    return false
                }
                if isCancelled { continuation.resume(throwing: CancellationError()) }
            }
        } onCancel: {
            state.withLock { $0.timers.remove(timer) }?.resume(throwing: CancellationError())
        }
    }

    /// How many sleep, and for how many there is still an entry.
    var sleepers: (waiting: Int, stored: Int) { state.withLock { ($0.timers.count, $0.timers.storedCount) } }

    private func fireTimers() {
        let due = state.withLock { state in
            state.armed = nil
            return state.timers.takeDue(.now)
        }
        for continuation in due { continuation.resume() }
    }

    /// Sets the timer to the earliest deadline. Not with every sleep: most are over, cancelled, before the loop waits again, and a
    /// timer that was left behind would wake an idle machine for nothing.
    private func setTimer(_ state: inout State) {
        let earliest = state.timers.earliest()
        guard earliest != state.armed else { return }
        state.armed = earliest
        var setting = itimerspec()
        if let earliest {
            // Nothing at all would switch it off instead of letting it fire at once.
            let wait = max(.nanoseconds(1), ContinuousClock.now.duration(to: earliest)).components
            // Beyond a century the kernel's arithmetic is not worth trusting.
            let seconds = min(wait.seconds, 3_000_000_000)
            setting.it_value = timespec(tv_sec: Int(seconds), tv_nsec: max(1, Int(wait.attoseconds / 1_000_000_000)))
        }
        timerfd_settime(timer.raw, 0, &setting, nil)
    }

    // MARK: Readiness

    /// Enters `readiness` for edge-triggered events of `descriptor`; gives the token to leave with.
    func register(_ readiness: Readiness, _ descriptor: CInt) throws(Errno) -> UInt64 {
        let token = state.withLock { state in
            state.lastToken += 1
            state.registrations[state.lastToken] = readiness
            return state.lastToken
        }
        do {
            let all = CN_EPOLLIN | CN_EPOLLOUT | CN_EPOLLRDHUP | CN_EPOLLET
            try control(EPOLL_CTL_ADD, descriptor, events: all, token: token)
        } catch {
            state.withLock { $0.registrations[token] = nil }
            throw error
        }
        return token
    }

    func deregister(_ token: UInt64, _ descriptor: CInt) {
        state.withLock { $0.registrations[token] = nil }
        var unused = epoll_event()
        // Fails only for a descriptor that is closed, and with that out of the epoll, already.
        epoll_ctl(epoll.raw, EPOLL_CTL_DEL, descriptor, &unused)
    }

    private func control(_ operation: CInt, _ descriptor: CInt, events: UInt32, token: UInt64) throws(Errno) {
        var event = epoll_event()
        event.events = events
        event.data.u64 = token
        try call { epoll_ctl(epoll.raw, operation, descriptor, &event) }
    }
}

/// Room for the events of one `epoll_wait`, without an allocation a turn.
private struct InlineEvents {
    private var storage = (
        epoll_event(), epoll_event(), epoll_event(), epoll_event(), epoll_event(), epoll_event(), epoll_event(),
        epoll_event()
    )

    /// The number of events, or −1 when a signal came first.
    mutating func wait(_ epoll: CInt, timeout: CInt) -> Int {
        withUnsafeMutableBytes(of: &storage) { bytes in
            let events = bytes.bindMemory(to: epoll_event.self)
            guard let start = events.baseAddress else { return 0 }
            return Int(epoll_wait(epoll, start, CInt(events.count), timeout))
        }
    }

    subscript(index: Int) -> (token: UInt64, events: UInt32) {
        withUnsafeBytes(of: storage) { bytes in
            let event = bytes.bindMemory(to: epoll_event.self)[index]
            return (event.data.u64, event.events)
        }
    }
}
