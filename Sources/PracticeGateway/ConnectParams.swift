/// The params of `connect`, read after the schema has let them pass.
package struct ConnectParams: Sendable, Equatable {
    package struct Device: Sendable, Equatable {
        package var id: String
        package var publicKey: String
        package var signature: String
        package var signedAt: Int
        package var nonce: String
    }

    package var protocols: ClosedRange<Int>?
    package var clientID: String
    package var clientMode: String
    package var displayName: String?
    package var version: String
    package var platform: String
    package var deviceFamily: String?
    package var role: String
    package var scopes: [String]
    package var surface: Surface
    package var device: Device?
    package var token: String?
    package var password: String?
    package var deviceToken: String?
    package var bootstrapToken: String?

    package init(_ params: JSONValue) {
        func text(_ value: JSONValue?) -> String { value?.string ?? "" }
        func texts(_ value: JSONValue?) -> [String] { value?.array?.compactMap(\.string) ?? [] }

        let lowest = params["minProtocol"]?.integer ?? 0
        let highest = params["maxProtocol"]?.integer ?? 0
        protocols = lowest <= highest ? lowest...highest : nil
        let client = params["client"]
        clientID = text(client?["id"])
        clientMode = text(client?["mode"])
        displayName = client?["displayName"]?.string
        version = text(client?["version"])
        platform = text(client?["platform"])
        deviceFamily = client?["deviceFamily"]?.string
        role = params["role"]?.string ?? "operator"
        scopes = texts(params["scopes"])
        let permissions = params["permissions"]?.object?.members ?? []
        surface = Surface(
            caps: texts(params["caps"]), commands: texts(params["commands"]),
            permissions: permissions.filter { $0.value == true }.map(\.key))
        device = params["device"].map {
            Device(
                id: text($0["id"]), publicKey: text($0["publicKey"]), signature: text($0["signature"]),
                signedAt: $0["signedAt"]?.integer ?? 0, nonce: text($0["nonce"]))
        }
        let auth = params["auth"]
        token = auth?["token"]?.string
        password = auth?["password"]?.string
        deviceToken = auth?["deviceToken"]?.string
        bootstrapToken = auth?["bootstrapToken"]?.string
    }

    /// What the gateway takes for the signed credential (§3.4); the password never is.
    package var signedToken: String { token ?? deviceToken ?? bootstrapToken ?? "" }
}

/// What a node says it can do, and is asked to be approved for.
package struct Surface: Sendable, Equatable {
    package var caps: [String]
    package var commands: [String]
    /// Only those that are granted.
    package var permissions: [String]

    package init(caps: [String] = [], commands: [String] = [], permissions: [String] = []) {
        self.caps = caps
        self.commands = commands
        self.permissions = permissions
    }

    package static let nothing = Surface()

    /// Whether every part of this is in `other`, too.
    package func isWithin(_ other: Surface) -> Bool {
        Set(caps).isSubset(of: other.caps) && Set(commands).isSubset(of: other.commands)
            && Set(permissions).isSubset(of: other.permissions)
    }

    package func intersection(_ other: Surface) -> Surface {
        Surface(
            caps: caps.filter(other.caps.contains), commands: commands.filter(other.commands.contains),
            permissions: permissions.filter(other.permissions.contains))
    }
}
