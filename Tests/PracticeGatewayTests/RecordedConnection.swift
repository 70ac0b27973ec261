import LinuxIO
import PracticeGateway
import Testing

/// A connection of the official node with the official gateway, as recorded in April 2026.
struct RecordedConnection {
    struct Line {
        let isFromNode: Bool
        let frame: JSONValue
    }

    let lines: [Line]

    init(file: String = #filePath) throws {
        let tests = file.split(separator: "/").dropLast(2).joined(separator: "/")
        let bytes = try StateFile.read("/\(tests)/Fixtures/official-node-2026-04.frames.ndjson")
        lines = try bytes.split(separator: 0x0A).compactMap { line in
            let entry = try JSONReader.read(Array(line))
            guard let frame = entry["frame"] else { return nil }
            return Line(isFromNode: entry["dir"] == "node>gw", frame: frame)
        }
    }

    var fromNode: [JSONValue] { lines.filter(\.isFromNode).map(\.frame) }
    var fromGateway: [JSONValue] { lines.filter { !$0.isFromNode }.map(\.frame) }

    func connect() throws -> JSONValue {
        try #require(fromNode.first { $0["method"] == "connect" })
    }
}

extension JSONValue {
    /// This with another value (nil: none) where the keys lead.
    func with(_ value: JSONValue?, at path: String...) -> JSONValue {
        replacing(path[...], value)
    }

    private func replacing(_ path: ArraySlice<String>, _ value: JSONValue?) -> JSONValue {
        guard let key = path.first else { return value ?? .null }
        var object = object ?? JSONObject()
        object[key] =
            path.count == 1 ? value : (object[key] ?? .object(JSONObject())).replacing(path.dropFirst(), value)
        return .object(object)
    }
}
