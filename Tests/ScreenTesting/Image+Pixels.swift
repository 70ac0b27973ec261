import NodeMedia

extension Image {
    /// 0xRRGGBB
    package func pixel(_ x: Int, _ y: Int) -> UInt32 {
        let start = 4 * (y * width + x)
        return UInt32(bytes[start + 2]) << 16 | UInt32(bytes[start + 1]) << 8 | UInt32(bytes[start])
    }

    package var colours: Set<UInt32> {
        Set((0..<height).flatMap { y in (0..<width).map { x in pixel(x, y) } })
    }
}
