/// One object of the configuration while it is read: each question names a key, and what nobody asked for is unknown.
package struct ConfigurationSection {
    private let members: [String: ConfigurationValue]
    private let path: String
    /// Where the object itself was said.
    private let origin: ConfigurationValue.Origin?
    private var known: [String] = []
    /// What was asked for here and below, in that order.
    package private(set) var declared: [ConfigurationKey] = []

    package init(_ value: ConfigurationValue?) throws(ConfigurationError) {
        try self.init(value, path: "")
    }

    private init(_ value: ConfigurationValue?, path: String) throws(ConfigurationError) {
        self.path = path
        origin = value?.origin
        switch value?.content {
        case nil, .null?: members = [:]
        case .object(let members)?: self.members = members
        default: throw ConfigurationError(value?.origin, key: path, "must be an object")
        }
    }

    /// Those that are there, in order: for objects whose keys are the owner's to choose.
    package var keys: [String] { members.keys.sorted() }

    /// Whether nothing is said here.
    package var isEmpty: Bool { members.isEmpty }

    private func name(_ key: String) -> String { path.isEmpty ? key : path + "." + key }

    private mutating func value(
        _ key: String, _ kind: ConfigurationKey.Kind, _ standard: String?, _ help: String
    ) -> ConfigurationValue? {
        known.append(key)
        declared.append(ConfigurationKey(path: name(key), kind: kind, standard: standard, help: help))
        guard let value = members[key], value.content != .null else { return nil }
        return value
    }

    /// What `convert` makes of the value; where it makes nothing, the value is not what the key is for.
    private mutating func read<T>(
        _ key: String, _ kind: ConfigurationKey.Kind, or standard: String?, _ help: String,
        _ convert: (ConfigurationValue.Content) -> T?
    ) throws(ConfigurationError) -> T? {
        guard let value = value(key, kind, standard, help) else { return nil }
        guard let result = convert(value.content) else {
            if case (.choice(let choices), .string(let text)) = (kind, value.content), !text.isEmpty {
                throw error(key, "\"\(text)\" is none of \(choices.joined(separator: ", "))")
            }
            throw error(key, "must be \(kind.words)")
        }
        return result
    }

    // What holds without a value is told by `or`; `help` is the owner's sentence about it.

    package mutating func bool(_ key: String, or standard: Bool, _ help: String = "") throws(ConfigurationError) -> Bool
    {
        try read(key, .bool, or: "\(standard)", help) { if case .bool(let bool) = $0 { bool } else { nil } } ?? standard
    }

    package mutating func bool(_ key: String, _ help: String = "") throws(ConfigurationError) -> Bool? {
        try read(key, .bool, or: nil, help) { if case .bool(let bool) = $0 { bool } else { nil } }
    }

    package mutating func string(
        _ key: String, or standard: String?, _ help: String = ""
    ) throws(ConfigurationError) -> String? {
        let quoted = standard.map { String(decoding: JSON.quoted($0), as: UTF8.self) }
        return try read(key, .string, or: quoted, help) {
            if case .string(let text) = $0, !text.isEmpty { text } else { nil }
        } ?? standard
    }

    package mutating func string(_ key: String, _ help: String = "") throws(ConfigurationError) -> String? {
        try string(key, or: nil, help)
    }

    /// One of `C`'s cases, which are what the file says.
    package mutating func choice<C: RawRepresentable & CaseIterable>(
        _ key: String, or standard: C, _ help: String = ""
    ) throws(ConfigurationError) -> C where C.RawValue == String {
        try choice(key, or: "\"\(standard.rawValue)\"", help) ?? standard
    }

    package mutating func choice<C: RawRepresentable & CaseIterable>(
        _ key: String, _: C.Type, _ help: String = ""
    ) throws(ConfigurationError) -> C? where C.RawValue == String {
        try choice(key, or: nil, help)
    }

    private mutating func choice<C: RawRepresentable & CaseIterable>(
        _ key: String, or standard: String?, _ help: String
    ) throws(ConfigurationError) -> C? where C.RawValue == String {
        try read(key, .choice(C.allCases.map(\.rawValue)), or: standard, help) {
            if case .string(let text) = $0 { C(rawValue: text) } else { nil }
        }
    }

    package mutating func integer(
        _ key: String, in range: ClosedRange<Int>, or standard: Int, _ help: String = ""
    ) throws(ConfigurationError) -> Int {
        try integer(key, in: range, standard: "\(standard)", help) ?? standard
    }

    package mutating func integer(
        _ key: String, in range: ClosedRange<Int>, _ help: String = ""
    ) throws(ConfigurationError) -> Int? {
        try integer(key, in: range, standard: nil, help)
    }

    private mutating func integer(
        _ key: String, in range: ClosedRange<Int>, standard: String?, _ help: String
    ) throws(ConfigurationError) -> Int? {
        try read(key, .integer(range), or: standard, help) { content in
            guard case .integer(let number) = content else { return nil }
            return Int(exactly: number).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    package mutating func number(
        _ key: String, in range: ClosedRange<Double>, or standard: Double, _ help: String = ""
    ) throws(ConfigurationError) -> Double {
        try number(key, in: range, standard: ConfigurationKey.Kind.text(standard), help) ?? standard
    }

    package mutating func number(
        _ key: String, in range: ClosedRange<Double>, _ help: String = ""
    ) throws(ConfigurationError) -> Double? {
        try number(key, in: range, standard: nil, help)
    }

    private mutating func number(
        _ key: String, in range: ClosedRange<Double>, standard: String?, _ help: String
    ) throws(ConfigurationError) -> Double? {
        try read(key, .number(range), or: standard, help) { content in
            let number: Double? =
                switch content {
                case .integer(let number): Double(number)
                case .number(let number): number
                default: nil
                }
            return number.flatMap { range.contains($0) ? $0 : nil }
        }
    }

    package mutating func strings(_ key: String, _ help: String = "") throws(ConfigurationError) -> [String]? {
        try read(key, .strings, or: nil, help) { content in
            guard case .array(let elements) = content else { return nil }
            var strings: [String] = []
            for element in elements {
                guard case .string(let text) = element.content else { return nil }
                strings.append(text)
            }
            return strings
        }
    }

    /// Reads the object under `key` with `body`; a missing one is an empty one.
    package mutating func section<R>(
        _ key: String, _ help: String = "", _ body: (inout ConfigurationSection) throws(ConfigurationError) -> R
    ) throws(ConfigurationError) -> R {
        var section = try ConfigurationSection(value(key, .object, nil, help), path: name(key))
        let result = try body(&section)
        try section.finish()
        declared += section.declared
        return result
    }

    /// Where `key` was set, once it has been asked for.
    package func origin(of key: String) -> ConfigurationValue.Origin? { members[key]?.origin }

    /// An error about a value that was read and turned out not to do, or is missing.
    package func error(_ key: String, _ problem: String) -> ConfigurationError {
        ConfigurationError(members[key]?.origin ?? origin, key: name(key), problem)
    }

    /// To be called last: a key that was not asked for is an error, with the nearest one that is known.
    package func finish() throws(ConfigurationError) {
        guard let unknown = members.keys.sorted().first(where: { !known.contains($0) }) else { return }
        let hint = Spelling.nearest(to: unknown, among: known).map { "; did you mean \"\($0)\"?" } ?? ""
        throw ConfigurationError(members[unknown]?.origin, key: name(unknown), "unknown key" + hint)
    }
}
