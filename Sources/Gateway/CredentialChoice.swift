/// Which credential the next connect carries (openclaw-gateway §5.6): a setup code's token until it is used up, then the token that
/// the gateway gave us, then what the owner shared.
struct CredentialChoice: Sendable {
    private let secret: SharedSecret
    private let isTrusted: Bool
    /// A token of our own that was refused: for one more attempt, when the gateway asks for it.
    private var refused: String?
    private var isRefusedWanted = false

    /// `isTrusted`: what answers there is the gateway for sure, and may ask for a credential that it was not given.
    init(_ secret: SharedSecret, isTrusted: Bool) {
        self.secret = secret
        self.isTrusted = isTrusted
    }

    func attempt(
        _ known: TokenStore.Memory, bootstrapToken: String?, signature: SignatureVersion?
    ) -> Reaction.Attempt {
        let slot = known.deviceTokenSlot ?? .deviceToken
        let own = known.tokens["node"]?.token
        var attempt = Reaction.Attempt(credential: secret.credential, signature: signature ?? known.signature ?? .v3)
        if let bootstrapToken {
            attempt.hasOther = own != nil || secret.credential != .nothing
            attempt.credential = .bootstrap(bootstrapToken, in: slot)
        } else if let own {
            attempt.credential = .deviceToken(own, in: slot)
        } else if let refused, case .shared(let token) = secret.credential, isTrusted {
            attempt.mayAddDeviceToken = !isRefusedWanted
            if isRefusedWanted { attempt.credential = .sharedAndDevice(token: token, deviceToken: refused) }
        }
        return attempt
    }

    /// Takes note of how `attempt` went: nil for its having been no question of credentials.
    mutating func heed(_ change: Reaction.Change?, of attempt: Reaction.Attempt) {
        switch (change, attempt.credential) {
        case (.withoutDeviceToken?, .deviceToken(let token, _)): refused = token
        case (.withDeviceTokenToo?, _): isRefusedWanted = true
        // Once is enough, however it went.
        case (_, .sharedAndDevice): (refused, isRefusedWanted) = (nil, false)
        default: break
        }
    }
}
