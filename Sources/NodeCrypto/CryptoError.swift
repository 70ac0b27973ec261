import COpenSSL

/// What can be wrong with keys and certificates.
package enum CryptoError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A raw key has this many bytes instead of 32.
    case wrongLength(Int)
    /// No unencrypted private key stands in the PEM text.
    case unreadablePEM(String)
    /// The key is of another kind than Ed25519.
    case notEd25519
    /// A name no certificate can be made for.
    case unusableHost(String)
    /// OpenSSL refused, in its words.
    case openSSL(String)

    package var description: String {
        switch self {
        case .wrongLength(let count): "a key has \(count) bytes instead of 32"
        case .unreadablePEM(let reason): "no readable private key in PEM form: \(reason)"
        case .notEd25519: "the key is not an Ed25519 key"
        case .unusableHost(let host): "no certificate can be made for \"\(host)\""
        case .openSSL(let reason): "OpenSSL: \(reason)"
        }
    }
}

/// OpenSSL's words for what failed first since the calling thread's queue was last emptied; empties it.
func takeOpenSSLReason() -> String {
    let code = ERR_get_error()
    ERR_clear_error()
    guard let reason = ERR_reason_error_string(code) else { return "no reason given" }
    return String(cString: reason)
}
