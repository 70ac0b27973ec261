import Synchronization

/// The offer that is in force. It changes at most once: when a gateway is joined after nothing was served to anybody.
final class CurrentOffer: Sendable {
    private let current: Mutex<Offer>

    init(_ offer: Offer) {
        current = Mutex(offer)
    }

    var value: Offer { current.withLock { $0 } }

    func replace(by offer: Offer) {
        current.withLock { $0 = offer }
    }
}
