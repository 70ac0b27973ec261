import Glibc
import NodeMedia

/// The drawn picture: eight colour bars, a ramp of greys with a white box that moves along it, and a date and a clock in the middle.
struct TestPicture {
    static let width = 1280
    static let height = 720

    /// Eight bars from left to right: white, yellow, cyan, green, magenta, red, blue, black, at three quarters of the range.
    static let bars: [Colour] = [
        (191, 191, 191), (191, 191, 0), (0, 191, 191), (0, 191, 0), (191, 0, 191), (191, 0, 0), (0, 0, 191), (0, 0, 0),
    ].map { Colour(red: $0.0, green: $0.1, blue: $0.2) }

    /// Where the box's left edge is in this frame.
    static func boxLeft(frame: Int64) -> Int {
        Int(frame % Int64((width - boxSide) / 8)) * 8
    }

    static let rampTop = 600
    static let boxSide = 80

    /// The bytes of the planar 4:2:0 picture.
    static func draw(frame: Int64, date: String, clock: String) -> [UInt8] {
        let size = Image.yuv420Size(width: width, height: height)
        return [UInt8](unsafeUninitializedCapacity: size) { bytes, count in
            let canvas = Canvas(bytes: bytes)
            for (index, colour) in bars.enumerated() {
                canvas.fill(index * width / 8, 0, width / 8, rampTop, colour)
            }
            for step in 0..<32 {
                canvas.fill(step * width / 32, rampTop, width / 32, height - rampTop, .grey(UInt8(step * 255 / 31)))
            }
            let box = boxLeft(frame: frame)
            canvas.fill(box, 620, boxSide, boxSide, .grey(255))
            canvas.fill(box + 20, 640, boxSide - 40, boxSide - 40, .grey(0))
            canvas.fill(220, 200, 840, 220, .grey(16))
            canvas.write(date, centredAt: 220, dot: 6)
            canvas.write(clock, centredAt: 300, dot: 11)
            count = size
        }
    }

    /// In the full range that JPEG has (ITU-R BT.601, JFIF).
    struct Colour: Equatable {
        let y: UInt8
        let cb: UInt8
        let cr: UInt8

        init(red: Double, green: Double, blue: Double) {
            y = UInt8((0.299 * red + 0.587 * green + 0.114 * blue).rounded())
            cb = UInt8((128 - 0.168736 * red - 0.331264 * green + 0.5 * blue).rounded())
            cr = UInt8((128 + 0.5 * red - 0.418688 * green - 0.081312 * blue).rounded())
        }

        static func grey(_ value: UInt8) -> Colour {
            Colour(red: Double(value), green: Double(value), blue: Double(value))
        }
    }

    /// The three planes of one picture in memory. Everything is drawn at even places, so that colour needs no mixing.
    private struct Canvas {
        let bytes: UnsafeMutableBufferPointer<UInt8>

        func fill(_ left: Int, _ top: Int, _ columns: Int, _ rows: Int, _ colour: Colour) {
            fill(0, width, left, top, columns, rows, colour.y)
            let planes = [(colour.cb, width * height), (colour.cr, width * height * 5 / 4)]
            for (value, offset) in planes {
                fill(offset, width / 2, left / 2, top / 2, columns / 2, rows / 2, value)
            }
        }

        private func fill(
            _ plane: Int, _ stride: Int, _ left: Int, _ top: Int, _ columns: Int, _ rows: Int, _ value: UInt8
        ) {
            guard let start = bytes.baseAddress else { return }
            for row in top..<top + rows { memset(start + plane + row * stride + left, CInt(value), columns) }
        }

        /// White on whatever is there; `dot` pixels a dot.
        func write(_ text: String, centredAt top: Int, dot: Int) {
            let advance = (DotFont.width + 1) * dot
            var left = (width - text.count * advance + dot) / 2
            for character in text {
                for (row, dots) in DotFont.rows(of: character).enumerated() {
                    for column in 0..<DotFont.width where dots >> (DotFont.width - 1 - column) & 1 == 1 {
                        fill(0, width, left + column * dot, top + row * dot, dot, dot, 235)
                    }
                }
                left += advance
            }
        }
    }
}
