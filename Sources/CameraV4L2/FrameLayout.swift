import NodeMedia

/// Where the rows of a raw frame lie in the buffers of its driver: all in one, or each plane in one of its own.
struct FrameLayout: Equatable {
    /// Rows of equal length at equal distances.
    struct Plane: Equatable {
        let buffer: Int
        let offset: Int
        let stride: Int
        let length: Int
        let rows: Int

        /// Where the last row ends. What a driver pads that one with need not be there.
        var end: Int { offset + stride * (rows - 1) + length }
    }

    let planes: [Plane]

    /// `strides` are the driver's bytes per row, one for each buffer; those of drivers that say nothing or too little are mended.
    /// Nil for compressed layouts, and where the buffers are not those of the layout.
    init?(format: PixelFormat, width: Int, height: Int, strides: [Int]) {
        guard let shapes = format.planes(width: width, height: height), width > 0, height > 0 else { return nil }
        guard strides.count == 1 || strides.count == shapes.count else { return nil }
        var planes: [Plane] = []
        for (index, shape) in shapes.enumerated() {
            let isShared = strides.count == 1
            // In a shared buffer the driver tells the luminance's rows; those of colour are as long, or half as long.
            let parts = isShared && index > 0 && shape.length <= (shapes[0].length + 1) / 2 ? 2 : 1
            planes.append(
                Plane(
                    buffer: isShared ? 0 : index,
                    offset: isShared ? planes.last.map { $0.offset + $0.stride * $0.rows } ?? 0 : 0,
                    stride: max(shape.length, strides[isShared ? 0 : index] / parts), length: shape.length,
                    rows: shape.rows))
        }
        self.planes = planes
    }

    /// Whether the bytes of one buffer are the picture without any gaps.
    var isPacked: Bool { planes.allSatisfy { $0.buffer == 0 && $0.stride == $0.length } }

    func fits(_ buffers: [UnsafeMutableRawBufferPointer]) -> Bool {
        planes.allSatisfy { $0.buffer < buffers.count && $0.end <= buffers[$0.buffer].count }
    }

    /// All rows without gaps. The frame must fit.
    func pack(_ buffers: [UnsafeMutableRawBufferPointer]) -> [UInt8] {
        var packed: [UInt8] = []
        packed.reserveCapacity(planes.reduce(0) { $0 + $1.length * $1.rows })
        for plane in planes {
            for row in 0..<plane.rows {
                let start = plane.offset + row * plane.stride
                packed.append(contentsOf: buffers[plane.buffer][start..<start + plane.length])
            }
        }
        return packed
    }
}
