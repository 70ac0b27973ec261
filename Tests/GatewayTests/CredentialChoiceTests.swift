import Testing

@testable import Gateway

@Suite struct CredentialChoiceTests {
    static func memory(_ token: String?) -> TokenStore.Memory {
        var memory = TokenStore.Memory(deviceId: "d")
        memory.tokens["node"] = token.map { TokenStore.Memory.Token(token: $0, role: "node", scopes: []) }
        return memory
    }

    /// What has the first say: a setup code, then our own, then the owner's.
    static let order: [(bootstrap: String?, own: String?, secret: SharedSecret, credential: Credential)] = [
        ("b", "o", SharedSecret(token: "s"), .bootstrap("b", in: .deviceToken)),
        (nil, "o", SharedSecret(token: "s"), .deviceToken("o", in: .deviceToken)),
        (nil, nil, SharedSecret(token: "s", password: "p"), .shared(token: "s")),
        (nil, nil, SharedSecret(password: "p"), .password("p")), (nil, nil, SharedSecret(), .nothing),
    ]

    @Test("one credential at a time, in this order", arguments: order.indices)
    func first(_ index: Int) {
        let (bootstrap, own, secret, credential) = Self.order[index]
        let choice = CredentialChoice(secret, isTrusted: true)
        let attempt = choice.attempt(Self.memory(own), bootstrapToken: bootstrap, signature: nil)
        #expect(attempt.credential == credential && !attempt.mayAddDeviceToken)
        #expect(attempt.hasOther == (bootstrap != nil))
    }

    @Test("a setup code alone has nothing else behind it") func alone() {
        let choice = CredentialChoice(SharedSecret(), isTrusted: true)
        #expect(!choice.attempt(Self.memory(nil), bootstrapToken: "b", signature: nil).hasOther)
    }

    @Test("a refused token of our own goes once more, beside the shared one, where the gateway asks for it")
    func again() {
        var choice = CredentialChoice(SharedSecret(token: "s"), isTrusted: true)
        let first = choice.attempt(Self.memory("o"), bootstrapToken: nil, signature: nil)
        choice.heed(.withoutDeviceToken, of: first)
        let second = choice.attempt(Self.memory(nil), bootstrapToken: nil, signature: nil)
        #expect(second.credential == .shared(token: "s") && second.mayAddDeviceToken)
        choice.heed(.withDeviceTokenToo, of: second)
        let third = choice.attempt(Self.memory(nil), bootstrapToken: nil, signature: nil)
        #expect(third.credential == .sharedAndDevice(token: "s", deviceToken: "o") && !third.mayAddDeviceToken)
        #expect(third.credential.auth?.token == "s" && third.credential.auth?.deviceToken == "o")
        choice.heed(nil, of: third)
        let fourth = choice.attempt(Self.memory(nil), bootstrapToken: nil, signature: nil)
        #expect(fourth.credential == .shared(token: "s") && !fourth.mayAddDeviceToken)
    }

    @Test("nobody gets it who might not be the gateway") func untrusted() {
        var choice = CredentialChoice(SharedSecret(token: "s"), isTrusted: false)
        choice.heed(.withoutDeviceToken, of: choice.attempt(Self.memory("o"), bootstrapToken: nil, signature: nil))
        #expect(!choice.attempt(Self.memory(nil), bootstrapToken: nil, signature: nil).mayAddDeviceToken)
    }
}
