/// One object of the configuration while it is read: each question names a key, and what nobody asked for is unknown.
package struct ConfigurationSection {
    private let members: [String: ConfigurationValue]
    private let path: String
    /// Where the object itself was said.
    private let origin: ConfigurationValue.Origin?
    private var known: [String] = []

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

    private func name(_ key: String) -> String { path.isEmpty ? key : path + "." + key }

    private mutating func value(_ key: String) -> ConfigurationValue? {
        known.append(key)
        guard let value = members[key], value.content != .null else { return nil }
        return value
    }

    private func wrong(_ value: ConfigurationValue, _ key: String, _ problem: String) -> ConfigurationError {
        ConfigurationError(value.origin, key: name(key), problem)
    }

    package mutating func bool(_ key: String) throws(ConfigurationError) -> Bool? {
        guard let value = value(key) else { return nil }
        guard case .bool(let bool) = value.content else { throw wrong(value, key, "must be true or false") }
        return bool
    }

    package mutating func string(_ key: String) throws(ConfigurationError) -> String? {
        guard let value = value(key) else { return nil }
        guard case .string(let text) = value.content, !text.isEmpty else {
            throw wrong(value, key, "must be a string with something in it")
        }
        return text
    }

    /// One of `choices`, which are what the file says.
    package mutating func choice<C: RawRepresentable & CaseIterable>(
        _ key: String, _: C.Type
    ) throws(ConfigurationError) -> C? where C.RawValue == String {
        guard let text = try string(key) else { return nil }
        guard let choice = C(rawValue: text) else {
            let choices = C.allCases.map(\.rawValue).joined(separator: ", ")
            throw ConfigurationError(members[key]?.origin, key: name(key), "\"\(text)\" is none of \(choices)")
        }
        return choice
    }

    package mutating func integer(_ key: String, in range: ClosedRange<Int>) throws(ConfigurationError) -> Int? {
        guard let value = value(key) else { return nil }
        guard case .integer(let number) = value.content, let number = Int(exactly: number), range.contains(number)
        else {
            throw wrong(value, key, "must be an integer from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    package mutating func number(_ key: String, in range: ClosedRange<Double>) throws(ConfigurationError) -> Double? {
        guard let value = value(key) else { return nil }
        let number: Double? =
            switch value.content {
            case .integer(let number): Double(number)
            case .number(let number): number
            default: nil
            }
        guard let number, range.contains(number) else {
            throw wrong(value, key, "must be a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    package mutating func strings(_ key: String) throws(ConfigurationError) -> [String]? {
        guard let value = value(key) else { return nil }
        guard case .array(let elements) = value.content else { throw wrong(value, key, "must be a list of strings") }
        var strings: [String] = []
        for element in elements {
            guard case .string(let text) = element.content else { throw wrong(value, key, "must be a list of strings") }
            strings.append(text)
        }
        return strings
    }

    /// Reads the object under `key` with `body`; a missing one is an empty one.
    package mutating func section<R>(
        _ key: String, _ body: (inout ConfigurationSection) throws(ConfigurationError) -> R
    ) throws(ConfigurationError) -> R {
        var section = try ConfigurationSection(value(key), path: name(key))
        let result = try body(&section)
        try section.finish()
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
