/// How large a picture or a clip may be so that it reaches the one who asked.
package struct ByteBudget: Equatable, Sendable {
    /// In bytes of the file, before base64.
    package let limit: Int

    /// A photo's base64 has at most 5 MiB (node-commands §1.5).
    package static let photo = rawBytes(inBase64: 5 << 20)
    /// Node-commands §4.3.
    package static let clip = 16 << 20

    /// The least of two: `most`, and what leaves the reply, with `envelope` bytes of JSON around the base64, within
    /// `payloadLimit`.
    package init(payloadLimit: Int, most: Int = photo, envelope: Int = 256) {
        limit = min(most, Self.rawBytes(inBase64: payloadLimit - envelope))
    }

    /// The most bytes whose base64, padding included, has no more than `count` characters.
    package static func rawBytes(inBase64 count: Int) -> Int {
        max(0, count) / 4 * 3
    }
}
