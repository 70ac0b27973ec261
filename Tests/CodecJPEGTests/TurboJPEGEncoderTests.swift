import CTurboJPEG
import NodeMedia
import Testing

@testable import CodecJPEG

@Suite("TurboJPEG encoder")
struct TurboJPEGEncoderTests {
    let encoder = TurboJPEGEncoder()

    @Test("a raw picture becomes a JPEG that shows it", arguments: [(640, 480), (641, 479), (17, 9), (2, 2)])
    func raw(width: Int, height: Int) throws {
        let result = try encoder.jpeg(
            SamplePicture.image(width: width, height: height), maxWidth: 1600, quality: 0.9, byteLimit: 1 << 20)
        #expect((result.width, result.height) == (width, height))
        let picture = try SamplePicture.decoded(result)
        #expect((picture.width, picture.height) == (width, height))
        if width > 16 { #expect(picture.showsSample) }
    }

    @Test(
        "a raw picture is shrunk to the width asked for, in its own shape",
        arguments: [
            (1280, 720, 640, 360), (1280, 720, 1000, 563), (640, 480, 100, 75), (1920, 1080, 1600, 900),
            (640, 480, 2, 2),
            (4000, 2, 100, 1),
        ])
    func rawShrunk(width: Int, height: Int, maxWidth: Int, newHeight: Int) throws {
        let result = try encoder.jpeg(
            SamplePicture.image(width: width, height: height), maxWidth: maxWidth, quality: 0.9, byteLimit: 1 << 20)
        #expect((result.width, result.height) == (maxWidth, newHeight))
        let picture = try SamplePicture.decoded(result)
        #expect((picture.width, picture.height) == (maxWidth, newHeight))
        if maxWidth > 50, newHeight > 50 { #expect(picture.showsSample) }
    }

    @Test(
        "a camera's JPEG is shrunk to the width asked for, whatever its subsampling and the scale",
        arguments: [TJSAMP_444, TJSAMP_422, TJSAMP_420, TJSAMP_GRAY, TJSAMP_440, TJSAMP_411],
        [639, 560, 500, 400, 320, 250, 165, 81, 60])
    func jpegShrunk(subsampling: TJSAMP, maxWidth: Int) throws {
        let camera = try SamplePicture.jpeg(
            SamplePicture.image(width: 640, height: 360), subsampling: CInt(subsampling.rawValue))
        let result = try encoder.jpeg(camera, maxWidth: maxWidth, quality: 0.9, byteLimit: 1 << 20)
        #expect((result.width, result.height) == (maxWidth, (360 * maxWidth + 320) / 640))
        let picture = try SamplePicture.decoded(result)
        #expect((picture.width, picture.height) == (result.width, result.height))
        #expect(picture.showsSample)
    }

    @Test(
        "a picture is set upright, whatever its layout and the scale",
        arguments: [TJSAMP_444, TJSAMP_422, TJSAMP_420, TJSAMP_GRAY, TJSAMP_440, TJSAMP_411], [640, 500, 359, 100])
    func turned(subsampling: TJSAMP, maxWidth: Int) throws {
        var camera = try SamplePicture.jpeg(
            SamplePicture.image(width: 640, height: 360), subsampling: CInt(subsampling.rawValue))
        camera.orientation = Orientation(turn: .quarter)
        let result = try encoder.jpeg(camera, maxWidth: maxWidth, quality: 0.9, byteLimit: 1 << 20)
        let width = min(maxWidth, 360)
        #expect((result.width, result.height) == (width, (640 * width + 180) / 360))
        let picture = try SamplePicture.decoded(result)
        #expect((picture.width, picture.height) == (result.width, result.height))
        // What was on the left is on top, what was at the bottom is on the left.
        #expect(abs(Int(picture.sample(0, 0.25, 0.25)) - 200) < 6 && abs(Int(picture.sample(0, 0.25, 0.75)) - 50) < 6)
        if picture.planes.count > 1 {
            #expect(abs(Int(picture.sample(2, 0.1, 0.5)) - 220) < 8 && abs(Int(picture.sample(2, 0.9, 0.5)) - 128) < 8)
        }
    }

    @Test("a raw picture of odd sides is set upright", arguments: Orientation.Turn.allCases, [false, true])
    func rawTurned(turn: Orientation.Turn, isMirrored: Bool) throws {
        var image = SamplePicture.image(width: 641, height: 479)
        image.orientation = Orientation(turn: turn, isMirrored: isMirrored)
        let result = try encoder.jpeg(image, maxWidth: 1600, quality: 0.9, byteLimit: 1 << 20)
        #expect([result.width, result.height] == (image.orientation.swapsSides ? [479, 641] : [641, 479]))
        let picture = try SamplePicture.decoded(result)
        let corners = [(0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75)].map { picture.sample(0, $0, $1) > 125 }
        let bright =
            switch (turn, isMirrored) {
            case (.none, false), (.half, true): [true, false, true, false]
            case (.none, true), (.half, false): [false, true, false, true]
            case (.quarter, false), (.threeQuarters, true): [true, true, false, false]
            case (.quarter, true), (.threeQuarters, false): [false, false, true, true]
            }
        #expect(corners == bright)
    }

    @Test("a camera's JPEG that fits is handed on byte for byte, whatever quality is asked")
    func passed() throws {
        let camera = try SamplePicture.jpeg(SamplePicture.image(width: 640, height: 480))
        let result = try encoder.jpeg(camera, maxWidth: 640, quality: 0.3, byteLimit: camera.bytes.count)
        #expect(try result.file.bytes() == camera.bytes)
        #expect((result.width, result.height) == (640, 480))
    }

    @Test("a camera's JPEG that is a byte too large is made anew")
    func oneByteTooLarge() throws {
        let camera = try SamplePicture.jpeg(SamplePicture.noise(width: 320, height: 240))
        let limit = camera.bytes.count - 1
        let result = try encoder.jpeg(camera, maxWidth: 640, quality: 0.9, byteLimit: limit)
        #expect(result.file.size <= limit)
        #expect(result.width == 320)
    }

    @Test("what follows a camera's JPEG is trimmed")
    func trimmed() throws {
        let camera = try SamplePicture.jpeg(SamplePicture.image(width: 64, height: 64))
        let padded = Image(
            width: 64, height: 64, format: .mjpeg, bytes: camera.bytes + [UInt8](repeating: 0, count: 5_000),
            capturedAt: .now)
        #expect(try encoder.jpeg(padded, maxWidth: 64, quality: 0.9, byteLimit: 1 << 20).file.bytes() == camera.bytes)
    }

    @Test("missing Huffman tables are inserted, and the picture is the same")
    func tables() throws {
        let camera = try SamplePicture.jpeg(SamplePicture.image(width: 320, height: 240))
        let bare = Image(
            width: 320, height: 240, format: .mjpeg, bytes: try withoutTables(camera.bytes), capturedAt: .now)
        #expect(try !JPEGStructure(bare.bytes).hasHuffmanTables)
        let result = try encoder.jpeg(bare, maxWidth: 320, quality: 0.9, byteLimit: 1 << 20)
        #expect(try JPEGStructure(result.file.bytes()).hasHuffmanTables)
        let whole = try encoder.jpeg(camera, maxWidth: 320, quality: 0.9, byteLimit: 1 << 20)
        #expect(
            try SamplePicture.decoded(result).planes.map(\.bytes) == SamplePicture.decoded(whole).planes.map(\.bytes))
    }

    @Test("a picture without Huffman tables can be shrunk")
    func tablesForShrinking() throws {
        let camera = try SamplePicture.jpeg(SamplePicture.image(width: 320, height: 240))
        let bare = Image(
            width: 320, height: 240, format: .mjpeg, bytes: try withoutTables(camera.bytes), capturedAt: .now)
        let result = try encoder.jpeg(bare, maxWidth: 200, quality: 0.9, byteLimit: 1 << 20)
        #expect(try SamplePicture.decoded(result).showsSample)
    }

    @Test("quality is lowered to a half before the width is, and the limit is kept to the byte")
    func budget() throws {
        let image = SamplePicture.noise(width: 640, height: 320)
        let half = try encoder.jpeg(image, maxWidth: 640, quality: 0.5, byteLimit: .max).file.size
        let fitting = try encoder.jpeg(image, maxWidth: 640, quality: 0.9, byteLimit: half)
        #expect(fitting.width == 640 && fitting.file.size == half)
        let narrower = try encoder.jpeg(image, maxWidth: 640, quality: 0.9, byteLimit: half - 1)
        #expect((narrower.width, narrower.height) == (512, 256) && narrower.file.size < half)
    }

    @Test("what stays too large is refused with the parameter that helps")
    func tooLarge() throws {
        #expect {
            try encoder.jpeg(SamplePicture.noise(width: 640, height: 480), maxWidth: 1600, quality: 0.9, byteLimit: 500)
        } throws: { error in
            let refusal = (error as? MediaError)?.refusal
            return refusal?.code == .payloadTooLarge && refusal?.message.contains("maxWidth") == true
        }
    }

    @Test("the quality asked for shows in the size")
    func quality() throws {
        let image = SamplePicture.noise(width: 320, height: 240)
        let sizes = try [0.05, 0.5, 1.0].map {
            try encoder.jpeg(image, maxWidth: 320, quality: $0, byteLimit: 1 << 24).file.size
        }
        #expect(sizes[0] * 2 < sizes[1] && sizes[1] * 2 < sizes[2])
    }

    @Test("a JPEG that was cut off, one of nothing, and too few raw bytes are refused")
    func broken() throws {
        let camera = try SamplePicture.jpeg(SamplePicture.image(width: 64, height: 64))
        for bytes in [Array(camera.bytes.dropLast(10)), [], [0xFF, 0xD8, 0xFF]] {
            let image = Image(width: 64, height: 64, format: .mjpeg, bytes: bytes, capturedAt: .now)
            #expect(throws: MediaError.self) { try encoder.jpeg(image, maxWidth: 64, quality: 0.9, byteLimit: 1 << 20) }
        }
        let short = Image(width: 64, height: 64, format: .yuv420, bytes: [1, 2, 3], capturedAt: .now)
        #expect(throws: MediaError.self) { try encoder.jpeg(short, maxWidth: 64, quality: 0.9, byteLimit: 1 << 20) }
    }

    @Test("a layout that nobody converted is refused")
    func unsupported() {
        let image = Image(width: 2, height: 2, format: .yuyv, bytes: [0, 0, 0, 0, 0, 0, 0, 0], capturedAt: .now)
        #expect(throws: MediaError.unsupported(.yuyv)) {
            try encoder.jpeg(image, maxWidth: 64, quality: 0.9, byteLimit: 1 << 20)
        }
    }

    @Test("changed bytes in a camera's JPEG never do more than be refused or look wrong")
    func hostile() throws {
        let camera = try SamplePicture.jpeg(SamplePicture.image(width: 96, height: 64))
        var state: UInt64 = 3
        func random() -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33)
        }
        var made = 0
        for _ in 0..<1_000 {
            var bytes = camera.bytes
            for _ in 0...random() % 3 { bytes[2 + random() % (bytes.count - 2)] = UInt8(random() & 0xFF) }
            let image = Image(width: 96, height: 64, format: .mjpeg, bytes: bytes, capturedAt: .now)
            // A refusal is as good as a picture here: what is asked is that neither kills the process.
            if let result = try? encoder.jpeg(image, maxWidth: 50, quality: 0.9, byteLimit: 1 << 20) {
                made += 1
                #expect(result.width <= 50)
            }
        }
        #expect(made > 100)
    }

    /// The picture as a motion-JPEG camera sends it.
    private func withoutTables(_ bytes: [UInt8]) throws -> [UInt8] {
        var rest: [UInt8] = [0xFF, 0xD8]
        var offset = 2
        let scan = try JPEGStructure(bytes).firstScan
        while offset < scan {
            let length = Int(bytes[offset + 2]) << 8 | Int(bytes[offset + 3])
            if bytes[offset + 1] != 0xC4 { rest += bytes[offset..<offset + 2 + length] }
            offset += 2 + length
        }
        return rest + bytes[scan...]
    }
}
