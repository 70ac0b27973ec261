/// Any JSON value, decoded only to be handed on as text.
package struct JSONText: Decodable, Equatable, Sendable {
    package let text: [UInt8]

    package init(from decoder: any Decoder) throws {
        text = try JSON.encode(JSONTree(from: decoder))
    }
}
