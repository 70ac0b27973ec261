/// A command line that is being typed: what may stand at its end. The shells' own files only ask this.
struct Completion {
    private let words: [String]
    private let current: String

    /// `raw` is what stands behind `clawnode`, with its quotation marks, up to the cursor.
    init(_ raw: [String]) {
        var words = raw.map(Self.unquoted)
        // bash takes `--option=value` for three words.
        while let sign = words.indices.dropFirst().first(where: { words[$0] == "=" && words[$0 - 1].hasPrefix("--") }) {
            words.remove(at: sign)
            if sign == words.endIndex { words.append("") }
        }
        current = words.popLast() ?? ""
        self.words = words
    }

    /// A quotation need not be closed yet.
    private static func unquoted(_ word: String) -> String {
        guard let mark = word.first, mark == "'" || mark == "\"" else { return word }
        let inner = word.dropFirst()
        return String(inner.last == mark ? inner.dropLast() : inner)
    }

    func candidates(_ subcommands: [any Subcommand.Type], _ program: Program) async -> Candidates {
        guard let name = words.first else {
            let names = subcommands.filter { !$0.isHidden }.map { Candidate($0.name, $0.summary) }
            return matching(names + [Candidate("help", "show what there is")])
        }
        guard let subcommand = subcommands.first(where: { $0.name == name }) else { return .texts([]) }
        let options = subcommand.options + Option.common
        var program = program
        var positionals: [String] = []
        var rest = words.dropFirst()
        while let word = rest.popFirst() {
            if !word.hasPrefix("-") { positionals.append(word) }
            guard let option = options.first(where: { $0.name == word }), !option.valueName.isEmpty else { continue }
            guard let value = rest.popFirst() else { return values(of: option, current, behind: "") }
            // What is asked of the machine meanwhile heeds it.
            if option.name == Option.configuration.name { program.surroundings.variables["CLAWNODE_CONFIG"] = value }
        }
        let parts = current.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        if parts.count == 2, let option = options.first(where: { $0.name == parts[0] && !$0.valueName.isEmpty }) {
            return values(of: option, parts[1], behind: parts[0] + "=")
        }
        if current.hasPrefix("-") {
            let fresh = options.filter { $0.mayRepeat || !words.contains($0.name) }
            return matching(fresh.map { Candidate($0.name, $0.help) } + [Candidate("--help", "show how it is used")])
        }
        let found = await subcommand.candidates(after: positionals, for: current, program)
        guard case .texts(let texts) = found else { return found }
        return matching(texts)
    }

    private func matching(_ candidates: [Candidate]) -> Candidates {
        .texts(candidates.filter { $0.text.hasPrefix(current) })
    }

    /// `prefix` is what stands in the same word before the value.
    private func values(of option: Option, _ value: String, behind prefix: String) -> Candidates {
        switch option.valueName {
        case "FILE": return .files
        case "DIR": return .directories
        default: break
        }
        guard case .list = option.kind else { return matching(option.choices.map { Candidate(prefix + $0, "") }) }
        var named = value.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        named.removeLast(min(1, named.count))
        let before = prefix + named.map { $0 + "," }.joined()
        return matching(option.choices.filter { !named.contains($0) }.map { Candidate(before + $0, "") })
    }
}

extension Option {
    fileprivate var mayRepeat: Bool {
        switch kind {
        case .repeated, .list: true
        case .flag, .text, .integer: false
        }
    }
}
