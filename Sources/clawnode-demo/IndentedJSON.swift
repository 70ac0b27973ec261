import PracticeGateway

extension JSONValue {
    /// JSON text for readers: what fits stands on one line, the rest is broken up.
    func indented(_ depth: Int = 0, width: Int = 88) -> String {
        let space = String(repeating: "  ", count: depth + 1)
        let end = "\n" + String(repeating: "  ", count: depth)
        switch self {
        case .object(let object) where text.utf8.count + 2 * depth > width:
            let members = object.members.map {
                space + JSONValue.string($0.key).text + ": " + $0.value.indented(depth + 1, width: width)
            }
            return "{\n" + members.joined(separator: ",\n") + end + "}"
        case .array(let elements) where text.utf8.count + 2 * depth > width:
            let lines = elements.map { space + $0.indented(depth + 1, width: width) }
            return "[\n" + lines.joined(separator: ",\n") + end + "]"
        default: return text
        }
    }
}
