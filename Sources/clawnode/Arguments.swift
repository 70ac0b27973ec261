import NodeCore

/// A subcommand's command line, taken apart.
struct Arguments {
    private var values: [String: [String]] = [:]
    private(set) var positionals: [String] = []
    private let options: [Option]
    let wantsHelp: Bool

    /// `words` come after the subcommand's name. Throws `Failure` with the nearest right option.
    init(_ words: [String], options: [Option], positionals allowed: ClosedRange<Int>, synopsis: String) throws(Failure)
    {
        self.options = options
        wantsHelp = words.prefix { $0 != "--" }.contains { $0 == "--help" || $0 == "-h" }
        if wantsHelp { return }
        var rest = words[...]
        var onlyPositionals = false
        while let word = rest.popFirst() {
            if onlyPositionals || !word.hasPrefix("-") || word == "-" {
                positionals.append(word)
            } else if word == "--" {
                onlyPositionals = true
            } else {
                try take(word, &rest)
            }
        }
        if positionals.count > allowed.upperBound {
            throw Failure(.usage, "unexpected argument: \(positionals[allowed.upperBound])")
        }
        if positionals.count < allowed.lowerBound { throw Failure(.usage, "an argument is missing: \(synopsis)") }
    }

    private mutating func take(_ word: String, _ rest: inout ArraySlice<String>) throws(Failure) {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let option = options.first(where: { $0.name == parts[0] }) else {
            let hint = Spelling.nearest(to: parts[0], among: options.map(\.name)).map { "; did you mean \($0)?" } ?? ""
            throw Failure(.usage, "unknown option \(parts[0])" + hint)
        }
        if case .flag = option.kind {
            guard parts.count == 1 else { throw Failure(.usage, "\(option.name) takes no value") }
            values[option.name] = ["true"]
            return
        }
        let value = parts.count == 2 ? parts[1] : rest.popFirst()
        guard let value, !value.isEmpty else {
            throw Failure(.usage, "\(option.name) needs a value: \(option.valueName)")
        }
        switch option.kind {
        case .repeated: values[option.name, default: []].append(value)
        case .list:
            let names = value.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            guard !names.contains("") else {
                throw Failure(.usage, "\(option.name) needs names with commas between them, not \(value)")
            }
            values[option.name, default: []] += names
        default:
            guard values[option.name] == nil else { throw Failure(.usage, "\(option.name) is given twice") }
            values[option.name] = [value]
        }
    }

    func has(_ name: String) -> Bool { values[name] != nil }

    func text(_ name: String) -> String? { values[name]?.last }

    /// As if the option had not been given.
    mutating func drop(_ name: String) {
        values[name] = nil
    }

    func list(_ name: String) -> [String] { values[name] ?? [] }

    func integer(_ name: String, in range: ClosedRange<Int>) throws(Failure) -> Int? {
        guard let text = text(name) else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw Failure(.usage, "\(name) must be a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// What the options say, under the configuration's keys.
    func configuration() throws(Failure) -> [String: ConfigurationValue] {
        var tree: [String: ConfigurationValue] = [:]
        for option in options {
            guard let key = option.key, let given = values[option.name] else { continue }
            let origin = ConfigurationValue.Origin.option(option.name)
            func value(_ text: String) -> ConfigurationValue { ConfigurationValue(.string(text), from: origin) }
            switch option.kind {
            case .flag: tree[key] = ConfigurationValue(.bool(true), from: origin)
            case .integer:
                guard let number = Int64(given[0]) else { throw Failure(.usage, "\(option.name) must be a number") }
                tree[key] = ConfigurationValue(.integer(number), from: origin)
            case .text: tree[key] = value(given[0])
            case .repeated, .list: tree[key] = ConfigurationValue(.array(given.map(value)), from: origin)
            }
        }
        let enabled = list(Option.enable.name)
        if !enabled.isEmpty {
            let origin = ConfigurationValue.Origin.option(Option.enable.name)
            let names = enabled.map { ($0, ConfigurationValue(.bool(true), from: origin)) }
            tree["capabilities"] = ConfigurationValue(.object(Dictionary(names) { first, _ in first }), from: origin)
        }
        return tree
    }
}
