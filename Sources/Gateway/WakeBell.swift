import NodeCore
import Synchronization

/// Where a link hears of what should wake it. One link listens; what it has not dealt with yet is kept, also while it dials.
package final class WakeBell: Sendable {
    struct Ring: Equatable {
        let number: Int
        let wake: Wake
    }

    private struct State {
        var rings: [Ring] = []
        var last = 0
        var next = OneShot()
    }

    private let state = Mutex(State())

    /// Beyond these the first ones are forgotten: those after them say the same.
    private static let limit = 16

    package init() {}

    package func ring(_ wake: Wake) {
        guard wake.isNews else { return }
        let waiting = state.withLock { state in
            state.last += 1
            state.rings.append(Ring(number: state.last, wake: wake))
            if state.rings.count > Self.limit { state.rings.removeFirst() }
            defer { state.next = OneShot() }
            return state.next
        }
        waiting.fire()
    }

    /// The number of the latest.
    var latest: Int { state.withLock { $0.last } }

    /// What has rung up to there is dealt with, and not told again.
    func settle(upTo number: Int) {
        state.withLock { state in state.rings.removeAll { $0.number <= number } }
    }

    /// The first after `number` that is not settled, waited for if need be. Throws `CancellationError` only.
    func next(after number: Int) async throws -> Ring {
        while true {
            let (ring, next) = state.withLock { state in (state.rings.first { $0.number > number }, state.next) }
            if let ring { return ring }
            try await next.fired()
        }
    }
}
