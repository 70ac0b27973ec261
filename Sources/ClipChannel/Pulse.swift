/// Tells an encoder that hangs from one that has nothing to do or is slow. Looked at once a second: after a machine has slept, or
/// stood still, one look is one, however much time has passed.
struct Pulse: Sendable {
    /// A board that swaps, or waits for its card, stands still for seconds.
    static let patience = 10

    private var signs = 0
    private var silentLooks = 0

    /// Something came from the encoder.
    mutating func beat() {
        signs += 1
    }

    /// One look; whether it owed something all the time and said nothing.
    mutating func hasStopped(owes: Bool) -> Bool {
        silentLooks = owes && signs == 0 ? silentLooks + 1 : 0
        signs = 0
        return silentLooks > Self.patience
    }
}
