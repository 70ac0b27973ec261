import NodeCore

/// What travels between the daemon and a worker, one a packet: a JSON header, and at most two memfds beside it, first the
/// JSON that was too long for the header, then the blob.
enum WorkerMessage: Codable, Sendable {
    // Daemon to worker.
    case invoke(Invoke)
    /// Nobody waits for the reply any more: stop the work. The reply comes all the same, and shows that the worker is well.
    case cancel(id: Int)

    // Worker to daemon.
    case hello(version: String, pid: Int)
    /// The work of an invocation is about to begin: from now on nobody else may be given it.
    case begun(id: Int)
    case reply(Reply)
    /// Nothing to do for a while: the daemon may hang up. It is asked because only the daemon knows what it has just sent.
    case resting
    /// Something that the node's status shows; it ends with the worker.
    case condition(ConditionChange)

    struct Invoke: Codable, Sendable {
        var id: Int
        var command: String
        var params: Text
        /// Until when an answer is of use, counted from the sending; nil for no limit.
        var budgetMs: Int?
        /// Bytes that the reply's JSON text may have, base64 included.
        var payloadLimit: Int
        /// The capabilities that are on and not paused.
        var capabilities: [String]
    }

    struct Reply: Codable, Sendable {
        var id: Int
        var outcome: Outcome
        /// The member whose base64 the blob becomes; nil without a blob.
        var blobField: String?

        enum Outcome: Codable, Sendable {
            case success(Text)
            case refusal(code: String, message: String)
        }
    }

    /// JSON text, in the header when it is short enough.
    enum Text: Codable, Sendable, Equatable {
        case none
        case inline(String)
        case attached
    }
}
