/// What this node says of itself when it connects. It stays the same from connect to connect: every claim that is added
/// needs an operator's approval (openclaw-gateway §5.2).
package struct NodeProfile: Sendable {
    package var displayName: String
    package var version: String
    package var modelIdentifier: String?
    /// Instead of the identity's own, when the owner wants to choose it.
    package var instanceID: String?
    /// Capability families, in a fixed order.
    package var caps: [String]
    package var commands: [String]
    package var permissions: [String: Bool]
    package var locale: String?

    package init(
        displayName: String, version: String, modelIdentifier: String? = nil, instanceID: String? = nil, caps: [String],
        commands: [String],
        permissions: [String: Bool], locale: String? = nil
    ) {
        self.displayName = displayName
        self.version = version
        self.modelIdentifier = modelIdentifier
        self.instanceID = instanceID
        self.caps = caps
        self.commands = commands
        self.permissions = permissions
        self.locale = locale
    }

    /// What is claimed beyond `claims`, an earlier text of them: only that needs another approval (openclaw-gateway §5.2). Commands, or
    /// where there are no new ones what else there is; nil where nothing was known.
    func widening(of claims: String?) -> [String]? {
        guard let known = claims?.split(separator: "|", omittingEmptySubsequences: false), known.count == 3 else {
            return nil
        }
        func new(_ own: [String], _ index: Int) -> [String] {
            let before = Set(known[index].split(separator: ",").map(String.init))
            return own.filter { !before.contains($0) }
        }
        let commands = new(commands, 1)
        if !commands.isEmpty { return commands }
        return new(caps, 0) + new(permissions.filter(\.value).keys.sorted(), 2)
    }

    /// One text for all that needs approval, to tell whether it has changed.
    var claims: String {
        let granted = permissions.filter(\.value).keys.sorted()
        return [caps, commands, granted].map { $0.joined(separator: ",") }.joined(separator: "|")
    }
}
