/// Base64 text of either alphabet, padded or not, as gateways read it.
package enum Base64Text {
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 0xFF, count: 256)
        for (value, letter) in alphabet.enumerated() { values[Int(letter)] = UInt8(value) }
        values[Int(UInt8(ascii: "-"))] = 62
        values[Int(UInt8(ascii: "_"))] = 63
        return values
    }()

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// The bytes that `text` stands for; nil when it is no base64.
    package static func decode(_ text: String) -> [UInt8]? {
        var text = text
        return text.withUTF8 { letters in
            var length = letters.count
            while length > 0, letters.count - length < 2, letters[length - 1] == UInt8(ascii: "=") { length -= 1 }
            guard length % 4 != 1 else { return nil }
            return values.withUnsafeBufferPointer { values in decode(letters, length: length, values) }
        }
    }

    private static func decode(
        _ letters: UnsafeBufferPointer<UInt8>, length: Int, _ values: UnsafeBufferPointer<UInt8>
    ) -> [UInt8]? {
        var isValid = true
        let bytes = [UInt8](unsafeUninitializedCapacity: length / 4 * 3 + 2) { bytes, count in
            var group: UInt32 = 0
            var index = 0
            while index < length {
                let value = values[Int(letters[index])]
                if value == 0xFF {
                    isValid = false
                    return
                }
                group = group << 6 | UInt32(value)
                index += 1
                if index & 3 == 0 {
                    bytes[count] = UInt8(truncatingIfNeeded: group >> 16)
                    bytes[count + 1] = UInt8(truncatingIfNeeded: group >> 8)
                    bytes[count + 2] = UInt8(truncatingIfNeeded: group)
                    count += 3
                }
            }
            switch length & 3 {
            case 2:
                bytes[count] = UInt8(truncatingIfNeeded: group >> 4)
                count += 1
            case 3:
                bytes[count] = UInt8(truncatingIfNeeded: group >> 10)
                bytes[count + 1] = UInt8(truncatingIfNeeded: group >> 2)
                count += 2
            default: break
            }
        }
        return isValid ? bytes : nil
    }

    /// Base64url without padding: the form of keys and tokens.
    package static func urlText(_ bytes: [UInt8]) -> String {
        var letters = alphabet
        letters[62] = UInt8(ascii: "-")
        letters[63] = UInt8(ascii: "_")
        var text: [UInt8] = []
        var group = 0
        var bits = 0
        for byte in bytes {
            group = (group << 8 | Int(byte)) & 0xFFFF
            bits += 8
            while bits >= 6 {
                bits -= 6
                text.append(letters[group >> bits & 63])
            }
        }
        if bits > 0 { text.append(letters[group << (6 - bits) & 63]) }
        return String(decoding: text, as: UTF8.self)
    }
}
