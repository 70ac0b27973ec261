import NodeCore

/// What workers have raised and not yet cleared, by their numbers.
struct RaisedConditions: Equatable {
    /// Of one worker.
    private static let most = 16

    private var lists: [Int: [Condition]] = [:]

    var all: [Condition] { lists.sorted { $0.key < $1.key }.flatMap(\.value) }

    mutating func take(_ change: ConditionChange, from worker: Int, _ source: WorkerSource) {
        var list = lists[worker] ?? []
        switch change {
        case .raised(let condition):
            let condition = source.isCaller ? condition.hearsay(of: source.name) : condition
            list.removeAll { $0.id == condition.id }
            if list.count < Self.most { list.append(condition) }
        case .cleared(let id): list.removeAll { $0.id == id }
        }
        lists[worker] = list
    }

    mutating func forget(_ worker: Int) {
        lists[worker] = nil
    }
}

extension Condition {
    /// As the node's owner may be told it of somebody who is not the node: short, no worse than a note, and with no line to run.
    fileprivate func hearsay(of name: String) -> Condition {
        Condition(id: id.cut(to: 64), severity: .note, summary: "\(name): " + summary.cut(to: 200))
    }
}
