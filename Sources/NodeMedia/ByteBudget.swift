/// How large a picture may be so that it reaches the one who asked.
package struct ByteBudget: Equatable, Sendable {
    /// In bytes of the encoded picture, before base64.
    package let limit: Int

    /// The least of two: a photo's base64 has at most 5 MiB (node-commands §1.5), and the reply, with `envelope` bytes of JSON
    /// around the base64, at most `payloadLimit`.
    package init(payloadLimit: Int, envelope: Int = 256) {
        limit = min(Self.rawBytes(inBase64: 5 << 20), Self.rawBytes(inBase64: payloadLimit - envelope))
    }

    /// The most bytes whose base64, padding included, has no more than `count` characters.
    package static func rawBytes(inBase64 count: Int) -> Int {
        max(0, count) / 4 * 3
    }
}
