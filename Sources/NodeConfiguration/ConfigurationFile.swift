import CJSON
import Glibc
import LinuxIO
import NodeCore

/// What the walk over an object's members has found so far.
private struct Collected {
    var members: [String: ConfigurationValue] = [:]
    let origin: ConfigurationValue.Origin
}

/// Configuration files: JSON with comments, read by json-c. It knows no key; duplicate keys are beyond it, the last one wins.
package enum ConfigurationFile {
    private static let maxDepth: CInt = 32

    /// The file that is read when none is named: the user's, or the machine's for root and for users without a home. systemd
    /// names the directory of a service to it, whoever it runs as.
    package static func usualPath(isRoot: Bool, variable: (String) -> String?) -> String {
        // It lists several directories with colons; ours is the first.
        if let ours = variable("CONFIGURATION_DIRECTORY")?.split(separator: ":").first {
            return ours + "/clawnode.json"
        }
        let user = variable("XDG_CONFIG_HOME") ?? variable("HOME").map { $0 + "/.config" }
        guard !isRoot, let user else { return "/etc/clawnode/clawnode.json" }
        return user + "/clawnode/clawnode.json"
    }

    /// The same for this very process.
    package static var usualPath: String {
        usualPath(isRoot: geteuid() == 0) { name in
            getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
        }
    }

    /// `path`, then `config.d/*.json` beside it in name order, merged. Nil when there is none of them, unless `isRequired`.
    package static func load(_ path: String, isRequired: Bool) throws(ConfigurationError) -> ConfigurationValue? {
        var merged = try read(path, isRequired: isRequired)
        for fragment in try fragments(beside: path) {
            guard let value = try read(fragment, isRequired: true) else { continue }
            merged = merged?.merging(value) ?? value
        }
        return merged
    }

    /// The directory that the file at `path` is in.
    package static func folder(of path: String) -> String {
        guard let end = path.lastIndex(of: "/") else { return "." }
        return end == path.startIndex ? "/" : String(path[..<end])
    }

    /// Where the fragments of the file at `path` are.
    package static func fragmentFolder(beside path: String) -> String {
        (path.lastIndex(of: "/").map { String(path[...$0]) } ?? "") + "config.d"
    }

    private static func fragments(beside path: String) throws(ConfigurationError) -> [String] {
        let folder = fragmentFolder(beside: path)
        guard let directory = opendir(folder) else {
            let failure = Errno.current
            if failure == Errno(ENOENT) { return [] }
            throw ConfigurationError(.file(folder), "cannot be read: \(failure)")
        }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.hasSuffix(".json"), !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted().map { folder + "/" + $0 }
    }

    private static func read(_ path: String, isRequired: Bool) throws(ConfigurationError) -> ConfigurationValue? {
        let bytes: [UInt8]
        do throws(Errno) { bytes = try StateFile.read(path) } catch {
            if error == Errno(ENOENT), !isRequired { return nil }
            throw ConfigurationError(.file(path), "cannot be read: \(error)")
        }
        return try parse(bytes, path)
    }

    /// The same from memory; `path` is what errors name.
    package static func parse(_ bytes: [UInt8], _ path: String) throws(ConfigurationError) -> ConfigurationValue {
        let origin = ConfigurationValue.Origin.file(path)
        // What editors of Windows begin a text with, and nobody sees.
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let bytes = bytes.starts(with: mark) ? Array(bytes.dropFirst(mark.count)) : bytes
        // json-c takes one in a comment for the end.
        if let zero = bytes.firstIndex(of: 0) {
            throw ConfigurationError(origin, "\(position(zero, bytes)): a zero byte, which no text has")
        }
        guard let tokener = json_tokener_new_ex(maxDepth) else { throw ConfigurationError(origin, "not enough memory") }
        defer { json_tokener_free(tokener) }
        json_tokener_set_flags(tokener, CInt(JSON_TOKENER_VALIDATE_UTF8))
        // A line's end for a comment in the last line, a terminating zero for a number at the very end.
        let text = bytes + [0x0A, 0]
        let root = text.withUnsafeBytes { raw in
            json_tokener_parse_ex(tokener, raw.baseAddress?.assumingMemoryBound(to: CChar.self), CInt(text.count))
        }
        defer { json_object_put(root) }
        let status = json_tokener_get_error(tokener)
        let reach = json_tokener_get_parse_end(tokener)
        let end = min(reach, bytes.count)
        // json-c calls this a success, and gives the innermost value for the whole.
        if reach == text.count { throw ConfigurationError(origin, "\(position(end, bytes)): a comment has no end") }
        guard status == json_tokener_success else {
            let words = String(cString: json_tokener_error_desc(status))
            throw ConfigurationError(origin, "\(position(end, bytes)): \(words)")
        }
        // Comments behind the object have been read with it.
        if let rest = bytes[end...].firstIndex(where: { !" \t\r\n".utf8.contains($0) }) {
            throw ConfigurationError(origin, "\(position(rest, bytes)): something follows the closing brace")
        }
        let value = convert(root, origin)
        guard case .object = value.content else { throw ConfigurationError(origin, "must be an object: { … }") }
        return value
    }

    private static func position(_ offset: Int, _ bytes: [UInt8]) -> String {
        let before = bytes[..<offset]
        let line = before.count { $0 == 0x0A } + 1
        let column = before.reversed().prefix { $0 != 0x0A }.count + 1
        return "line \(line), column \(column)"
    }

    private static func convert(_ object: OpaquePointer?, _ origin: ConfigurationValue.Origin) -> ConfigurationValue {
        switch json_object_get_type(object) {
        case json_type_boolean: return ConfigurationValue(.bool(json_object_get_boolean(object) != 0), from: origin)
        case json_type_int: return ConfigurationValue(.integer(json_object_get_int64(object)), from: origin)
        case json_type_double: return ConfigurationValue(.number(json_object_get_double(object)), from: origin)
        case json_type_string:
            // Counted, because a string may hold a zero.
            let text = UnsafeRawBufferPointer(
                start: json_object_get_string(object), count: Int(json_object_get_string_len(object)))
            return ConfigurationValue(.string(String(decoding: text, as: UTF8.self)), from: origin)
        case json_type_array:
            let elements = (0..<json_object_array_length(object)).map { json_object_array_get_idx(object, $0) }
            return ConfigurationValue(.array(elements.map { convert($0, origin) }), from: origin)
        case json_type_object: return ConfigurationValue(.object(members(of: object, origin)), from: origin)
        default: return ConfigurationValue(.null, from: origin)
        }
    }

    private static func members(
        of object: OpaquePointer?, _ origin: ConfigurationValue.Origin
    ) -> [String: ConfigurationValue] {
        var collected = Collected(origin: origin)
        withUnsafeMutablePointer(to: &collected) { collected in
            cn_each_member(object, collected) { context, key, value in
                guard let context, let key else { return }
                let collected = context.assumingMemoryBound(to: Collected.self)
                let member = ConfigurationFile.convert(value, collected.pointee.origin)
                collected.pointee.members[String(cString: key)] = member
            }
        }
        return collected.members
    }
}
