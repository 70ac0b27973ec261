import DBus
import LinuxIO

/// The services of the system's bus, asked one thing at a time, and with a limit.
struct SystemBus: Sendable {
    /// As the environment has it.
    private let address: Result<BusAddress, BusError>
    /// With an answer.
    private let patience: Duration
    private let loop: EventLoop

    init(variables: [String: String], patience: Duration = .seconds(2), on loop: EventLoop) {
        address = Result { () throws(BusError) in try BusAddress.system(variables: variables) }
        self.patience = patience
        self.loop = loop
    }

    /// Nil where it cannot be known.
    func ask<R: Sendable>(_ question: @escaping @Sendable (Bus) async throws -> R) async -> R? {
        // An address that is not understood leads to nobody.
        guard let address = try? address.get() else { return nil }
        // A machine without a bus, or without the service, has nobody who knows.
        return await loop.within(patience) { try? await Bus.with(address, on: loop, question) } ?? nil
    }
}
