import Testing

@testable import CodecLibAV

@Suite struct AnnexBTests {
    private func read(_ bytes: [UInt8]) -> AnnexB { bytes.withUnsafeBytes { AnnexB($0) } }

    @Test("parameter sets are found behind start codes of either length, and are kept with the longer one")
    func sets() {
        let stream = read([0, 0, 0, 1, 0x09, 0x10, 0, 0, 1, 0x67, 1, 2, 0, 0, 0, 1, 0x68, 3, 0, 0, 1, 0x65, 9, 9])
        #expect(stream.parameterSets == [0, 0, 0, 1, 0x67, 1, 2, 0, 0, 0, 1, 0x68, 3])
        #expect(stream.hasSequenceSet)
        #expect(stream.hasPictureSet)
        #expect(stream.isKeyFrame)
    }

    @Test("a picture that refers to others is no beginning")
    func later() {
        let stream = read([0, 0, 1, 0x41, 0x9A, 0, 0, 3, 1])
        #expect(!stream.isKeyFrame)
        #expect(stream.parameterSets.isEmpty)
    }

    @Test(
        "what is no stream has nothing in it",
        arguments: [[], [0], [0, 0, 1], [0, 0, 0, 0, 1], [0x65, 1, 2], [1, 1, 1]])
    func nothing(bytes: [UInt8]) {
        let stream = read(bytes)
        #expect(!stream.isKeyFrame)
        #expect(stream.parameterSets.isEmpty)
    }
}
