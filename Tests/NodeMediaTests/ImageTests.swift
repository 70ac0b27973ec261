import Testing

@testable import NodeMedia

@Suite("Image")
struct ImageTests {
    @Test("of fewer pixels each is the mean of those that it covers, colour by colour") func averaged() {
        let bytes: [UInt8] = [
            0, 10, 20, 255, 100, 110, 120, 255, 3, 6, 9, 0,
            200, 210, 220, 255, 100, 110, 120, 255, 6, 9, 12, 0,
        ]
        let image = Image(width: 3, height: 2, format: .bgrx, bytes: bytes, capturedAt: .now)
        let narrow = image.averaged(width: 2, height: 1)
        #expect((narrow.width, narrow.height) == (2, 1))
        // Of the middle column each has a half.
        #expect(narrow.bytes == [100, 110, 120, 255, 36, 42, 47, 85])
        #expect(image.averaged(width: 3, height: 2).bytes == bytes)
    }
}
