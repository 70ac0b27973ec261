import Glibc

/// Why a TLS connection does not come about, or ended.
package enum TLSError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The chain leads to nobody we trust, or is not valid now. `presented` is the certificate's SHA-256 in hexadecimal.
    case untrusted(reason: String, presented: String)
    /// The chain leads to somebody we trust, but is not valid yet or any more by this machine's clock, in seconds since 1970.
    case outOfTime(Untimeliness, clock: Int, presented: String)
    /// None of the pins is that of the certificate shown.
    case pinMismatch(presented: PeerCertificate)
    /// The certificate is somebody else's.
    case hostMismatch(expected: String, presented: String)
    case unusableCAFile(String, reason: String)
    /// The peer does not speak TLS 1.2 or later with us; in OpenSSL's words.
    case protocolFailure(String)
    /// It answered our greeting in plain HTTP; what OpenSSL made of that.
    case plainHTTP(String)
    /// The connection was ended already.
    case closed

    package enum Untimeliness: String, Sendable {
        case notYetValid = "certificate is not yet valid"
        case expired = "certificate has expired"
    }

    package var description: String {
        switch self {
        case .outOfTime(let reason, let clock, let presented):
            "certificate not trusted: \(reason.rawValue) by this machine's clock, which says \(text(clock)) "
                + "(its SHA-256 fingerprint is \(presented))"
        case .untrusted(let reason, let presented):
            "certificate not trusted: \(reason) (its SHA-256 fingerprint is \(presented))"
        case .pinMismatch(let presented):
            "the server's certificate is not the pinned one; its SHA-256 fingerprint is \(presented.fingerprint)"
        case .hostMismatch(let expected, let presented):
            "the server's certificate is not for \(expected) (its SHA-256 fingerprint is \(presented))"
        case .unusableCAFile(let path, let reason): "no CA certificates can be read from \(path): \(reason)"
        case .protocolFailure(let reason): "TLS failed: \(reason)"
        case .plainHTTP(let reason): "TLS failed: \(reason): the server speaks plain HTTP"
        case .closed: "the TLS connection is closed"
        }
    }
}

/// As `2026-11-21 09:30 UTC`.
private func text(_ seconds: Int) -> String {
    var parts = tm()
    var seconds = seconds
    gmtime_r(&seconds, &parts)
    var text = [CChar](repeating: 0, count: 32)
    let count = strftime(&text, text.count, "%Y-%m-%d %H:%M UTC", &parts)
    return String(decoding: text.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
}
