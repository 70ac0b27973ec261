import CLinux
import Glibc
import Synchronization

/// A serial executor with a thread of its own, for an actor whose work blocks, such as one that owns a device.
///
/// The thread ends after the last reference has gone and its jobs are done. A job that hangs in the kernel keeps just
/// this thread.
package final class WorkerThread: SerialExecutor {
    /// What the thread itself holds on to, so that it can outlive its owner by the time its jobs take.
    private final class Queue: Sendable {
        struct State {
            var jobs: [UnownedJob] = []
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

    package init(name: String) {
        let queue = queue
        startThread(name) { [executor = WeakExecutor(self)] in
            while let job = queue.next() {
                // Whoever enqueued holds the actor, and that holds this executor.
                if let executor = executor.value { job.runSynchronously(on: executor.asUnownedSerialExecutor()) }
            }
        }
    }

    deinit {
        queue.state.withLock { $0.isClosed = true }
        sem_post(queue.ready)
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.state.withLock { $0.jobs.append(job) }
        sem_post(queue.ready)
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
    await withCheckedContinuation { continuation in
        startThread(name) { continuation.resume(returning: body()) }
    }
}

/// The same for work that nobody has to wait for: nil as soon as the task is cancelled, and the thread ends when it ends.
package func onAbandonableThread<R: Sendable>(_ name: String, _ body: @escaping @Sendable () -> R) async -> R? {
    let asker = Asker<R>()
    return await withTaskCancellationHandler {
        await withCheckedContinuation { continuation in
            let isCancelled = asker.continuation.withLock { asker in
                // The flag is set before the handler below runs, so either sees what the other did.
                if !Task.isCancelled { asker = continuation }
                return asker == nil
            }
            if isCancelled { return continuation.resume(returning: nil) }
            startThread(name) { asker.tell(body()) }
        }
    } onCancel: {
        asker.tell(nil)
    }
}

/// Who waits for a thread, until told.
private final class Asker<R: Sendable>: Sendable {
    let continuation = Mutex<CheckedContinuation<R?, Never>?>(nil)

    func tell(_ result: R?) {
        continuation.withLock { $0.take() }?.resume(returning: result)
    }
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
