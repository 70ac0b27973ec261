import NodeScreen

/// What the pointer looks like, and where it is.
struct X11Pointer: Equatable, Sendable {
    /// Of the picture's upper left corner, among all screens.
    let x: Int
    let y: Int
    let width: Int
    let height: Int
    /// Changes with the picture.
    private let serial: UInt32
    private let reply: X11Data

    static func == (left: X11Pointer, right: X11Pointer) -> Bool {
        left.x == right.x && left.y == right.y && left.serial == right.serial
    }

    /// Of a reply to XFIXES' GetCursorImage.
    init(_ reply: X11Data) throws(X11Flaw) {
        width = try reply.word(at: 12)
        height = try reply.word(at: 14)
        x = try reply.signedWord(at: 8) - (try reply.word(at: 16))
        y = try reply.signedWord(at: 10) - (try reply.word(at: 18))
        serial = try reply.long(at: 20)
        guard reply.bytes.count >= Self.pixels + 4 * width * height else { throw X11Flaw() }
        self.reply = reply
    }

    private static let pixels = 32

    var area: X11Area { X11Area(x: x, y: y, width: width, height: height) }

    /// Lays it over the picture of that screen, of four bytes a pixel. Its colours are multiplied by how much they cover already.
    func draw(on picture: inout [UInt8], of output: ScreenOutput) {
        let shown = area.common(with: X11Area(output))
        for row in shown.rows {
            for column in shown.columns {
                let from = Self.pixels + 4 * ((row - y) * width + column - x)
                let to = 4 * ((row - output.y) * output.width + column - output.x)
                let rest = 255 - Int(reply.bytes[from + 3])
                for colour in 0..<3 {
                    let value = Int(reply.bytes[from + colour]) + (Int(picture[to + colour]) * rest + 127) / 255
                    picture[to + colour] = UInt8(min(255, value))
                }
            }
        }
    }
}
