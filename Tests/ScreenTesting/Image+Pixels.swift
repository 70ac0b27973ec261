import NodeMedia

extension Image {
    /// 0xRRGGBB
    package func pixel(_ x: Int, _ y: Int) -> UInt32 {
        let start = 4 * (y * width + x)
        return UInt32(bytes[start + 2]) << 16 | UInt32(bytes[start + 1]) << 8 | UInt32(bytes[start])
    }

    package func row(_ y: Int) -> ArraySlice<UInt8> { bytes[4 * width * y..<4 * width * (y + 1)] }

    package var colours: Set<UInt32> {
        Set((0..<height).flatMap { y in (0..<width).map { x in pixel(x, y) } })
    }
}
