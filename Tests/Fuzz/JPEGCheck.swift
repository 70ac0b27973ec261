@testable import NodeMedia

/// The parts of a JPEG.
enum JPEGCheck {
    @Sendable static func check(_ input: [UInt8]) throws {
        let parts: JPEGStructure
        do throws(JPEGStructure.Flaw) { parts = try JPEGStructure(input) } catch {
            if case .malformed(let offset) = error {
                expect((0...input.count).contains(offset), "the flaw is in the picture")
            }
            return
        }
        expect(parts.width > 0 && parts.height > 0 && parts.width * parts.height <= 1 << 27, "the size can be decoded")
        expect(parts.length <= input.count, "the picture lies within the bytes")
        expect(input[parts.length - 2..<parts.length] == [0xFF, 0xD9], "the picture ends with its end")
        expect(input[parts.firstScan..<parts.firstScan + 2] == [0xFF, 0xDA], "the scan begins with its start")

        let picture = Array(input[..<parts.length])
        expect(try JPEGStructure(picture) == parts, "what follows makes no difference")
        expect(flaw(picture.dropLast()) != nil, "a picture that was cut off is flawed")
        expect(flaw(picture.prefix(parts.firstScan)) == .truncated, "a picture without its scan is cut off")

        let tables = StandardHuffmanTables.segment
        let completed = picture[..<parts.firstScan] + tables + picture[parts.firstScan...]
        let again = try JPEGStructure(Array(completed))
        expect(again.hasHuffmanTables && again.length == parts.length + tables.count, "tables can be inserted")
        expect((again.width, again.height) == (parts.width, parts.height), "tables change no size")
    }

    private static func flaw(_ bytes: ArraySlice<UInt8>) -> JPEGStructure.Flaw? {
        do throws(JPEGStructure.Flaw) {
            _ = try JPEGStructure(Array(bytes))
            return nil
        } catch { return error }
    }
}
