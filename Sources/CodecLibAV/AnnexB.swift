import NodeMedia

/// What a byte stream of H.264 says of itself.
struct AnnexB {
    /// Whether decoding can begin here.
    let isKeyFrame: Bool
    /// Those that there are, with start codes of four bytes.
    let parameterSets: [UInt8]
    let hasSequenceSet: Bool
    let hasPictureSet: Bool

    init(_ bytes: UnsafeRawBufferPointer) {
        let units = H264.units(in: bytes)
        func has(_ kind: UInt8) -> Bool { units.contains { $0.kind == kind } }
        isKeyFrame = has(H264.Unit.keySlice)
        hasSequenceSet = has(H264.Unit.sequenceParameters)
        hasPictureSet = has(H264.Unit.pictureParameters)
        parameterSets = units.filter(\.isParameters).flatMap { [0, 0, 0, 1] + bytes[$0.content] }
    }
}
