// A part of every program that is built for the thread sanitizer.
//
// The sanitizer sees a `Mutex` as far as it is inlined into our code. When two threads meet at one, the standard
// library's own code takes over, which is not instrumented: what a contended mutex guards would look like a race. These
// stand before the library's functions, call them, and tell the sanitizer what they have done.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>

void __tsan_acquire(void *address);
void __tsan_release(void *address);

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context)) void *mutex

// Swift 6.1 and later call them by these names.
#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define TRY_LOCK "$s15Synchronization12_MutexHandleV12_tryLockSlowSbyF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

static SWIFT void (*library_lock)(uint32_t, SELF);
static SWIFT bool (*library_try_lock)(SELF);
static SWIFT void (*library_unlock)(SELF);

__attribute__((constructor)) static void find(void) {
    library_lock = dlsym(RTLD_NEXT, LOCK);
    library_try_lock = dlsym(RTLD_NEXT, TRY_LOCK);
    library_unlock = dlsym(RTLD_NEXT, UNLOCK);
}

SWIFT void lock(uint32_t thread, SELF) __asm__(LOCK);
SWIFT void lock(uint32_t thread, SELF) {
    library_lock(thread, mutex);
    __tsan_acquire(mutex);
}

SWIFT bool try_lock(SELF) __asm__(TRY_LOCK);
SWIFT bool try_lock(SELF) {
    bool is_locked = library_try_lock(mutex);
    if (is_locked) __tsan_acquire(mutex);
    return is_locked;
}

SWIFT void unlock(SELF) __asm__(UNLOCK);
SWIFT void unlock(SELF) {
    __tsan_release(mutex);
    library_unlock(mutex);
}

// Here and not in a file, because a worker's environment names none.
const char *__tsan_default_suppressions(void) {
    // [UInt8](unsafeUninitializedCapacity: 0) writes a count of 0 into the one empty array that all share, where it is 0
    // already: the standard library's own race, and harmless.
    return "race:_swiftEmptyArrayStorage\n";
}
