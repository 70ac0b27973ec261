/// Whether the request for approval that waits at the gateway is the first one. A gateway keeps one for all attempts, until its operator
/// decides or it expires (openclaw-gateway §5.3), and never tells the node which it was.
struct ApprovalRequests {
    private var last: String?
    private(set) var isAnew = false

    mutating func heed(_ end: Disconnect) {
        if end.served != nil { self = ApprovalRequests() }
        guard case .refused(let refusal) = end.cause, let id = refusal.approvalRequestID else { return }
        if let last, last != id { isAnew = true }
        last = id
    }
}
