import NodeMedia
import Testing

@Suite("H.264")
struct H264Tests {
    private static let parameters: [UInt8] = [0, 0, 0, 1, 0x67, 0x42, 0, 0x1F, 0, 0, 0, 1, 0x68, 0xCE]
    private static let key: [UInt8] = [0, 0, 0, 1, 0x65, 0x88, 0, 0, 3, 0, 1]
    private static let difference: [UInt8] = [0, 0, 1, 0x41, 0x9A]

    @Test("units lie between start codes of three and of four bytes") func units() {
        let units = H264.units(in: Self.parameters + Self.key + Self.difference)
        #expect(units.map(\.kind) == [7, 8, 5, 1])
        #expect(units.map(\.range) == [0..<8, 8..<14, 14..<25, 25..<30])
        #expect(units.map(\.header) == [4, 12, 18, 28])
    }

    @Test(
        "what is none has no units",
        arguments: [[], [0], [0, 0, 1], [0, 0, 0, 1], [1, 2, 3, 4, 5], [0, 0, 0, 0, 0, 0]] as [[UInt8]])
    func none(bytes: [UInt8]) {
        #expect(H264.units(in: bytes).isEmpty)
        #expect(!H264.isKeyFrame(bytes))
    }

    @Test("zeros that fill a buffer belong to the start code after them") func zeros() {
        let units = H264.units(in: Self.difference + [0, 0, 0] + Self.difference + [0, 0, 1, 9, 0, 0, 0, 1, 9])
        #expect(units.map(\.content) == [3..<5, 11..<13, 16..<17, 21..<22])
    }

    @Test("bytes before the first start code belong to nothing") func rest() {
        #expect(H264.units(in: [9, 9] + Self.difference).map(\.range) == [2..<7])
    }

    @Test("a key frame is one by its first slice") func keyFrames() {
        #expect(H264.isKeyFrame(Self.parameters + Self.key))
        #expect(H264.isKeyFrame([0, 0, 1, 9, 0xF0] + Self.key))
        #expect(!H264.isKeyFrame(Self.difference))
        #expect(!H264.isKeyFrame(Self.parameters))
    }

    @Test("parameters that come once stand before every key frame") func completing() {
        var parameters = H264.Parameters()
        #expect(parameters.complete(Self.parameters + Self.key) == Self.parameters + Self.key)
        #expect(parameters.complete(Self.difference) == Self.difference)
        #expect(parameters.complete(Self.key) == Self.parameters + Self.key)
    }
}
