import NodeMedia
import Testing

@Suite("JPEG structure")
struct JPEGStructureTests {
    @Test("the size, the end and the tables are found")
    func plain() throws {
        let bytes = SampleJPEG().bytes
        let structure = try JPEGStructure(bytes)
        #expect(structure.width == 640)
        #expect(structure.height == 480)
        #expect(structure.length == bytes.count)
        #expect(structure.hasHuffmanTables)
        #expect(structure.isHuffmanCodedDCT)
        #expect(Array(bytes[structure.firstScan..<structure.firstScan + 2]) == [0xFF, 0xDA])
    }

    @Test("missing Huffman tables are noticed")
    func noTables() throws {
        #expect(try !JPEGStructure(SampleJPEG(tables: []).bytes).hasHuffmanTables)
    }

    @Test("what follows the end is left out, even another picture")
    func garbage() throws {
        let bytes = SampleJPEG().bytes
        #expect(try JPEGStructure(bytes + [0, 0, 0]).length == bytes.count)
        #expect(try JPEGStructure(bytes + bytes).length == bytes.count)
    }

    @Test("a thumbnail inside a segment is not taken for the picture")
    func thumbnail() throws {
        let inner = SampleJPEG(width: 160, height: 120).bytes
        let structure = try JPEGStructure(SampleJPEG(application: inner).bytes)
        #expect(structure.width == 640)
    }

    @Test(
        "stuffed bytes, restart markers and fill bytes belong to the scan",
        arguments: [
            [0xFF, 0x00, 0x12], [0xFF, 0xD3, 0x12], [0xFF, 0xFF, 0x00, 0x12], [0xFF, 0xFF, 0xFF],
        ] as [[UInt8]])
    func entropyCoded(data: [UInt8]) throws {
        let bytes = SampleJPEG(scan: data).bytes
        #expect(try JPEGStructure(bytes).length == bytes.count)
    }

    @Test("a progressive picture has several scans")
    func progressive() throws {
        let scan: [UInt8] = [1, 2, 3, 0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0, 9, 9]
        let bytes = SampleJPEG(frame: 0xC2, scan: scan).bytes
        let structure = try JPEGStructure(bytes)
        #expect(structure.length == bytes.count)
        #expect(structure.isHuffmanCodedDCT)
    }

    @Test("arithmetic coding is told apart")
    func arithmetic() throws {
        #expect(try !JPEGStructure(SampleJPEG(frame: 0xC9).bytes).isHuffmanCodedDCT)
    }

    @Test("every picture that was cut off is refused, wherever that was")
    func truncated() {
        let bytes = SampleJPEG().bytes
        for length in 0..<bytes.count {
            #expect(throws: JPEGStructure.Flaw.self) { try JPEGStructure(Array(bytes[..<length])) }
        }
    }

    @Test("a picture without end, start, frame or scan is refused for that")
    func flaws() {
        let whole = SampleJPEG().bytes
        #expect(throws: JPEGStructure.Flaw.truncated) { try JPEGStructure(Array(whole.dropLast(2))) }
        #expect(throws: JPEGStructure.Flaw.noStart) { try JPEGStructure(Array(whole.dropFirst(2))) }
        #expect(throws: JPEGStructure.Flaw.noStart) { try JPEGStructure([]) }
        #expect(throws: JPEGStructure.Flaw.noFrame) { try JPEGStructure([0xFF, 0xD8, 0xFF, 0xD9]) }
        let frameOnly = [0xFF, 0xD8] + SampleJPEG.frame(0xC0, width: 8, height: 8) + [0xFF, 0xD9]
        #expect(throws: JPEGStructure.Flaw.noScan) { try JPEGStructure(frameOnly) }
        #expect(throws: JPEGStructure.Flaw.malformed(offset: 4)) {
            try JPEGStructure([0xFF, 0xD8, 0xFF, 0xE0, 0, 1, 0, 0])
        }
    }

    @Test("sizes that no camera has are refused", arguments: [(0, 480), (640, 0), (65_535, 65_535)])
    func sizes(width: Int, height: Int) {
        #expect(throws: JPEGStructure.Flaw.size(width: width, height: height)) {
            try JPEGStructure(SampleJPEG(width: width, height: height).bytes)
        }
    }

    @Test("changed bytes never do more than be refused or read differently")
    func hostile() {
        let bytes = SampleJPEG().bytes
        var generator = Sequence64(seed: 42)
        var refused = 0
        for _ in 0..<20_000 {
            var changed = bytes
            for _ in 0...generator.next() % 4 {
                changed[Int(generator.next()) % changed.count] = UInt8(generator.next() & 0xFF)
            }
            do {
                let structure = try JPEGStructure(changed)
                #expect(structure.length <= changed.count && structure.firstScan < structure.length)
            } catch { refused += 1 }
        }
        #expect(refused > 1_000)
    }
}

/// A JPEG's outside; its scan decodes to nothing.
struct SampleJPEG {
    var width = 640
    var height = 480
    var frame: UInt8 = 0xC0
    var application: [UInt8] = Array("AVI1".utf8)
    var tables = StandardHuffmanTables.segment
    var scan: [UInt8] = [0x12, 0x34, 0xFF, 0x00, 0x56]

    static func frame(_ marker: UInt8, width: Int, height: Int) -> [UInt8] {
        let size = [height >> 8, height & 0xFF, width >> 8, width & 0xFF].map { UInt8($0) }
        return [0xFF, marker, 0, 11, 8] + size + [1, 1, 0x11, 0]
    }

    var bytes: [UInt8] {
        let length = application.count + 2
        var bytes: [UInt8] = [0xFF, 0xD8, 0xFF, 0xE0, UInt8(length >> 8), UInt8(length & 0xFF)]
        bytes += application
        bytes += Self.frame(frame, width: width, height: height)
        bytes += tables
        bytes += [0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0]
        bytes += scan
        bytes += [0xFF, 0xD9]
        return bytes
    }
}

/// Repeatable pseudo-random numbers (Knuth's MMIX constants).
struct Sequence64 {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state >> 33
    }
}
