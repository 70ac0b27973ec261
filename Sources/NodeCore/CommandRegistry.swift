import LinuxIO

/// The commands of one process. The daemon, the workers, the command line and the tests all ask here.
package struct CommandRegistry: Sendable {
    private let handlers: [CommandName: Handler]
    /// In the order of registration, which is the order everybody sees.
    package let names: [CommandName]

    /// Two handlers with one name are a programming error.
    package init(_ handlers: [Handler]) {
        names = handlers.map(\.name)
        self.handlers = Dictionary(uniqueKeysWithValues: handlers.map { ($0.name, $0) })
    }

    /// Delivers exactly one reply: the command's, or a refusal at the deadline or when `cancel` fires, whichever comes first.
    ///
    /// Returns when the work itself is over, which may be later: a driver that hangs in the kernel cannot be stopped, but
    /// nobody who asked has to wait for it.
    package func perform(
        _ invocation: Invocation, timekeeper: any Timekeeper, log: Log, cancel: OneShot = OneShot(),
        deliver: @escaping @Sendable (Reply) async -> Void
    ) async {
        guard let handler = handlers[invocation.command] else {
            return await deliver(.refused(.unknownCommand(invocation.command)))
        }
        let context = InvocationContext(
            id: invocation.id, deadline: invocation.deadline, payloadLimit: invocation.payloadLimit,
            capabilities: invocation.capabilities, timekeeper: timekeeper, log: log)
        await withTaskGroup(of: Reply?.self) { racers in
            racers.addTask { await handler.perform(invocation, context) }
            racers.addTask {
                do { try await cancel.fired() } catch { return nil }
                return .refused(.cancelled)
            }
            if let deadline = invocation.deadline {
                racers.addTask {
                    do { try await timekeeper.sleep(until: deadline) } catch { return nil }
                    return .refused(.timedOut)
                }
            }
            var isDelivered = false
            for await reply in racers {
                // Losers and the cancelled say nil, or come too late to be heard.
                guard !isDelivered, let reply else { continue }
                isDelivered = true
                racers.cancelAll()
                await deliver(reply)
            }
        }
    }
}
