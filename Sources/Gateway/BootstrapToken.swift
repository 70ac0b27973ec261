import Synchronization

/// A setup code's token: good for one use, and in `gateway.json` until then (openclaw-gateway §5.5).
package final class BootstrapToken: Sendable {
    private struct State {
        var isUsedUp = false
        var isSaved = true
    }

    private let token: String
    private let directory: String
    private let state = Mutex(State())

    /// Nil where `record`, which is kept in `directory`, has none.
    package init?(_ record: GatewayRecord?, in directory: String) {
        guard let token = record?.bootstrapToken else { return nil }
        self.token = token
        self.directory = directory
    }

    /// Nil once it is used up.
    var value: String? { state.withLock { $0.isUsedUp ? nil : token } }

    /// Holds from now on; on the disk after the next `save`.
    func useUp() {
        state.withLock { state in
            if !state.isUsedUp { state = State(isUsedUp: true, isSaved: false) }
        }
    }

    var isSaved: Bool { state.withLock { $0.isSaved } }

    /// Takes it out of the file, unless another one was put in meanwhile. Blocks for as long as the disk takes; after an error it
    /// can be tried again.
    func save() throws(StateError) {
        guard !isSaved else { return }
        try GatewayRecord.update(in: directory) { record in
            guard record.bootstrapToken == token else { return false }
            record.bootstrapToken = nil
            return true
        }
        state.withLock { $0.isSaved = true }
    }
}
