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

    /// One text for all that needs approval, to tell whether it has changed.
    var claims: String {
        let granted = permissions.filter(\.value).keys.sorted()
        return [caps, commands, granted].map { $0.joined(separator: ",") }.joined(separator: "|")
    }
}
