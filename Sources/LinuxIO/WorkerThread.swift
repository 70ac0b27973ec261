import CLinux
import Glibc
import Synchronization

/// A serial executor with a thread of its own, for an actor whose work blocks, such as one that owns a device.
///
/// The thread begins with the first job, and ends after the last reference has gone and its jobs are done. A job that hangs
/// in the kernel keeps just this thread.
package final class WorkerThread: SerialExecutor {
    /// What the thread itself holds on to, so that it can outlive its owner by the time its jobs take.
    private final class Queue: Sendable {
        struct State {
            var jobs: [UnownedJob] = []
            var hasThread = false
            var isClosed = false
        }

        let state = Mutex(State())
        // A semaphore's address must not move, so it lives on the heap of its own.
        nonisolated(unsafe) let ready: UnsafeMutablePointer<sem_t>

        init() {
            ready = .allocate(capacity: 1)
            sem_init(ready, 0, 0)
        }

        deinit {
            sem_destroy(ready)
            ready.deallocate()
        }

        /// The next job, or nil once closed and empty. Blocks the calling thread.
        func next() -> UnownedJob? {
            while true {
                while sem_wait(ready) != 0 {}
                let (job, isClosed): (UnownedJob?, Bool) = state.withLock { state in
                    (state.jobs.isEmpty ? nil : state.jobs.removeFirst(), state.isClosed)
                }
                if let job { return job }
                if isClosed { return nil }
            }
        }
    }

    private let queue = Queue()
    private let name: String

    package init(name: String) {
        self.name = name
    }

    deinit {
        queue.state.withLock { $0.isClosed = true }
        sem_post(queue.ready)
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let isFirst = queue.state.withLock { state in
            state.jobs.append(job)
            defer { state.hasThread = true }
            return !state.hasThread
        }
        if isFirst { start() }
        sem_post(queue.ready)
    }

    private func start() {
        startThread(name) { [queue, executor = WeakExecutor(self)] in
            while let job = queue.next() {
                // Whoever enqueued holds the actor, and that holds this executor.
                if let executor = executor.value { job.runSynchronously(on: executor.asUnownedSerialExecutor()) }
            }
        }
    }

    package func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        UnownedSerialExecutor(ordinary: self)
    }

    private struct WeakExecutor: @unchecked Sendable {
        weak var value: WorkerThread?

        init(_ value: WorkerThread) {
            self.value = value
        }
    }
}

/// Runs one piece of blocking work on a fresh thread of its own and gives its result.
package func onOwnThread<R: Sendable>(_ name: String, _ body: @escaping @Sendable () -> R) async -> R {
    let asker = Asker<R>()
    await withCheckedContinuation { continuation in
        asker.continuation.withLock { $0 = continuation }
        startThread(name) { asker.tell(body()) }
    }
    // Nobody else has told it, and there was something to tell.
    return asker.told()!
}

/// The same for work that nobody has to wait for: nil as soon as the task is cancelled, and the thread ends when it ends.
package func onAbandonableThread<R: Sendable>(_ name: String, _ body: @escaping @Sendable () -> R) async -> R? {
    let asker = Asker<R>()
    await withTaskCancellationHandler {
        await withCheckedContinuation { continuation in
            let isCancelled = asker.continuation.withLock { asker in
                // The flag is set before the handler below runs, so either sees what the other did.
                if !Task.isCancelled { asker = continuation }
                return asker == nil
            }
            if isCancelled { return continuation.resume() }
            startThread(name) { asker.tell(body()) }
        }
    } onCancel: {
        asker.tell(nil)
    }
    return asker.told()
}

/// Who waits for a thread, until told. What it is told goes through a mutex and not with the continuation: of a thread that has ended before
/// anybody waits, the thread sanitizer does not see the order in which the runtime keeps the two.
private final class Asker<R: Sendable>: Sendable {
    let continuation = Mutex<CheckedContinuation<Void, Never>?>(nil)
    private let result = Mutex<R?>(nil)

    func tell(_ result: R?) {
        guard let continuation = continuation.withLock({ $0.take() }) else { return }
        self.result.withLock { $0 = result }
        continuation.resume()
    }

    func told() -> R? { result.withLock { $0 } }
}

/// Starts a detached thread with a small stack; `name` is cut at 15 bytes by the kernel.
package func startThread(_ name: String, _ body: @escaping @Sendable () -> Void) {
    final class Start {
        let name: String
        let body: @Sendable () -> Void

        init(_ name: String, _ body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    pthread_attr_setdetachstate(&attributes, CInt(PTHREAD_CREATE_DETACHED))
    pthread_attr_setstacksize(&attributes, 512 * 1024)
    var thread = pthread_t()
    let start = Unmanaged.passRetained(Start(name, body))
    let failure = pthread_create(
        &thread, &attributes,
        { argument in
            guard let argument else { return nil }
            let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
            cn_name_thread(String(start.name.prefix(15)))
            start.body()
            return nil
        }, start.toOpaque())
    pthread_attr_destroy(&attributes)
    // Without threads nothing of the caller's promise can be kept; the supervisor starts us again.
    precondition(failure == 0, "pthread_create: \(Errno(failure))")
}
