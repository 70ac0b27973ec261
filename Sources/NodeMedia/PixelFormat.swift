/// How a picture's bytes are laid out, by the four characters that the kernel knows it by (linux/videodev2.h).
package struct PixelFormat: RawRepresentable, Hashable, Sendable, Codable, CustomStringConvertible {
    package let rawValue: UInt32

    package init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// From exactly four ASCII characters; anything else is a programming error.
    package init(_ code: StaticString) {
        precondition(code.utf8CodeUnitCount == 4, "a pixel format has four characters")
        rawValue = code.withUTF8Buffer { $0.reversed().reduce(0) { $0 << 8 | UInt32($1) } }
    }

    /// Separate JPEG pictures, as cameras with a compressor of their own send them; the Huffman tables may be missing.
    package static let mjpeg = PixelFormat("MJPG")
    /// The same in the words of other drivers.
    package static let jpeg = PixelFormat("JPEG")
    /// Planar 4:2:0 in the order Y, Cb, Cr: what every other raw layout is brought to.
    package static let yuv420 = PixelFormat("YU12")
    /// A byte stream of NAL units with start codes.
    package static let h264 = PixelFormat("H264")
    package static let nv12 = PixelFormat("NV12")
    /// Four bytes a pixel: blue, green, red, and one that means nothing.
    package static let bgrx = PixelFormat("XR24")
    package static let yuyv = PixelFormat("YUYV")

    package var isJPEG: Bool { self == .mjpeg || self == .jpeg }

    /// The four characters without the blanks that some end in; odd bytes show as dots. The top bit means big-endian.
    package var description: String {
        let characters = (0..<4).map {
            Character(Unicode.Scalar(UInt8(truncatingIfNeeded: rawValue >> (8 * $0)) & 0x7F))
        }
        let text = String(characters.map { $0.isASCII && $0 >= " " && $0 <= "~" ? $0 : "." })
        return String(text.reversed().drop { $0 == " " }.reversed())
    }
}
