import NodeCore

/// Which reasons for not being connected are new: a fault is told when it comes, not each time it is met.
struct FaultNews {
    private var last = ""

    mutating func isNews(_ end: Disconnect, _ condition: Condition) -> Bool {
        let fault = condition.id + condition.summary + (condition.remedy ?? "")
        // After a connection that worked, the same fault is another one.
        defer { last = end.served == nil ? fault : "" }
        return end.retry != .now && fault != last
    }
}
