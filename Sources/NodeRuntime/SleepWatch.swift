import DBus
import LinuxIO
import NodeCore

/// Tells that the machine has resumed, as logind says on the system's bus. Without a bus there is nothing to tell, and nothing
/// wrong either: the kernel's clocks tell the same.
struct SleepWatch: Sendable {
    /// The address as the environment has it.
    let address: Result<BusAddress, BusError>
    let loop: EventLoop
    let log: Log

    private static let logind = SignalRule(
        sender: "org.freedesktop.login1", interface: "org.freedesktop.login1.Manager", member: "PrepareForSleep")

    /// A bus that was there is back in a moment; one that was not may come with its package, and an idle machine is not to be
    /// woken for it.
    private static let pauses = (first: Duration.seconds(1), longest: Duration.seconds(300))

    /// Runs until cancelled, over as many buses as it takes.
    func run(_ resumed: @escaping @Sendable () -> Void) async throws -> Never {
        var pause = Self.pauses.longest
        while true {
            let address = try address.get()
            do {
                try await Bus.with(address, on: loop) { [log] bus in
                    let signals = try await bus.signals(Self.logind)
                    log.debug("Listening for the machine's sleep", ["bus": "\(address)"])
                    for await signal in signals where signal.body.first?.flag == false { resumed() }
                    // They end with the connection only.
                    throw BusError.lost(nil)
                }
            } catch let error as BusError where error.wasServed {
                log.debug("The message bus has gone", ["cause": "\(error)"])
                pause = Self.pauses.first
            } catch let error as BusError {
                log.debug("No message bus", ["cause": "\(error)"])
            }
            try await loop.sleep(for: pause)
            pause = min(pause * 2, Self.pauses.longest)
        }
    }
}

extension BusError {
    /// Whether there was a connection.
    fileprivate var wasServed: Bool { if case .lost = self { true } else { false } }
}
