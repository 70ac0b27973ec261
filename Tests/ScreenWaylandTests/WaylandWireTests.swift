import NodeMedia
import NodeScreen
import Testing

@testable import ScreenWayland

@Suite("The wire of Wayland") struct WaylandWireTests {
    /// As a compositor would send it: the arguments' bytes lie as a request's do.
    private static func event(_ object: UInt32, _ opcode: UInt32, _ arguments: [UInt32]) throws -> WaylandEvent {
        try WaylandEvent(WaylandRequest(object, opcode, arguments).wire)
    }

    @Test("a request has its length and its texts whole words") func request() {
        #expect(WaylandRequest(3, 7, [9]).words == [3, 12 << 16 | 7, 9])
        #expect(WaylandRequest.words("") == [1, 0])
        let text = WaylandRequest.words("abcd").withUnsafeBytes { Array($0) }
        #expect(Array(text[4...]) == Array("abcd".utf8) + [0, 0, 0, 0])
        #expect(WaylandRequest.words("abc").count == 2)
    }

    @Test("texts are read as they are written", arguments: ["", "a", "abc", "abcd", "Bildschirm ÄÖ"])
    func texts(text: String) throws {
        let event = try Self.event(2, 0, [5] + WaylandRequest.words(text) + [6])
        let (read, words) = try event.text(1)
        #expect(read == text)
        #expect(try event.number(1 + words) == 6)
        #expect(throws: WaylandFlaw.self) { try event.number(2 + words) }
    }

    @Test("no text at all is an empty one") func nothing() throws {
        let (text, words) = try Self.event(2, 0, [0, 8]).text(0)
        #expect(text.isEmpty && words == 1)
    }

    @Test(
        "an event that is not as long as it says is none",
        arguments: [[1, 0], [1, 4 << 16], [1, 10 << 16, 0], [1, 16 << 16, 0], [1, 12 << 16]] as [[UInt32]])
    func lengths(words: [UInt32]) {
        let bytes = words.withUnsafeBytes { Array($0) }
        #expect(throws: WaylandFlaw.self) { try WaylandEvent(bytes) }
    }

    @Test(
        "a text that goes beyond the event, or does not end, is none",
        arguments: [[9, 0, 0], [4, 0x6161_6161], [.max]])
    func cut(arguments: [UInt32]) throws {
        let event = try Self.event(1, 0, arguments)
        #expect(throws: WaylandFlaw.self) { try event.text(0) }
    }

    /// Rows of two by three numbers, as they are seen, and as a screen that hangs so has them.
    @Test(
        "what a compositor does to a picture is undone",
        arguments: [
            (0, [1, 2, 3, 4, 5, 6], 2), (1, [2, 4, 6, 1, 3, 5], 3), (2, [6, 5, 4, 3, 2, 1], 2),
            (3, [5, 3, 1, 6, 4, 2], 3),
            (4, [2, 1, 4, 3, 6, 5], 2), (5, [1, 3, 5, 2, 4, 6], 3), (6, [5, 6, 3, 4, 1, 2], 2),
            (7, [6, 4, 2, 5, 3, 1], 3),
        ] as [(UInt32, [UInt32], Int)])
    func transforms(told: UInt32, pixels: [UInt32], width: Int) throws {
        let transform = try ScreenTransform(told: told)
        let seen = [1, 2, 3, 4, 5, 6] as [UInt32]
        // With a word more in each row, which is none of the picture.
        var rows = stride(from: 0, to: 6, by: width).map { Array(pixels[$0..<$0 + width]) + [99] }
        let layout = try WaylandLayout(format: 1, width: width, height: 6 / width, stride: 4 * (width + 1))
        for isInverted in [false, true] {
            let bytes = rows.flatMap { $0 }.withUnsafeBytes { layout.upright($0, transform, isInverted: isInverted) }
            #expect(bytes.withUnsafeBytes { Array($0.bindMemory(to: UInt32.self)) } == seen)
            rows.reverse()
        }
    }

    @Test("there are eight of them") func transformsEnd() {
        #expect(throws: WaylandFlaw.self) { try ScreenTransform(told: 8) }
    }

    @Test(
        "pictures that cannot be are refused",
        arguments: [
            (0, 1, 4), (1, 0, 4), (2, 1, 7), (32_769, 1, 4 * 32_769), (16_384, 32_768, 65_536), (1, 2, 1 << 31),
        ])
    func layouts(width: Int, height: Int, stride: Int) {
        #expect(throws: WaylandFlaw.self) {
            try WaylandLayout(format: 1, width: width, height: height, stride: stride)
        }
    }

    @Test(
        "a copy is described, made and stamped, by each version of the older protocol",
        arguments: 1...3 as ClosedRange<UInt32>)
    func screencopy(version: UInt32) throws {
        var copy = WaylandCopy(.screencopy(manager: 5, version: version), frame: 9)
        try copy.take(try Self.event(8, 3, []))
        try copy.take(try Self.event(9, 0, [1, 640, 480, 2_560]))
        #expect((copy.layout == nil) == (version == 3) && copy.end == nil)
        // In the third there are other kinds of buffers.
        if version == 3 {
            try copy.take(try Self.event(9, 0, [0x3033_5258, 640, 480, 2_560]))
            try copy.take(try Self.event(9, 5, [1, 640, 480]))
            try copy.take(try Self.event(9, 6, []))
        }
        let layout = try WaylandLayout(format: 1, width: 640, height: 480, stride: 2_560)
        #expect(copy.layout == layout)
        try copy.take(try Self.event(9, 1, [1]))
        try copy.take(try Self.event(9, 2, [0, 3, 4]))
        #expect(copy.isInverted && copy.end == .ready)
        #expect(copy.time?.nanoseconds == 3_000_000_004)
        #expect(copy.destroyFrame() == [WaylandRequest(9, 1)] && copy.destroyFrame() == [])
    }

    @Test("a copy that cannot be made has failed") func failed() throws {
        var copy = WaylandCopy(.screencopy(manager: 5, version: 3), frame: 9)
        try copy.take(try Self.event(9, 3, []))
        #expect(copy.end == .failed)
        #expect(throws: WaylandFlaw.self) { try copy.take(try Self.event(9, 6, [])) }
    }

    @Test("a screen is told by two objects, and may have no name") func output() throws {
        var output = WaylandOutput(object: 4, details: 5)
        func take(_ object: UInt32, _ opcode: UInt32, _ arguments: [UInt32]) throws -> Bool {
            try output.take(try Self.event(object, opcode, arguments))
        }
        #expect(output.output(7) == nil)
        let names = WaylandRequest.words("Maker") + WaylandRequest.words("")
        #expect(try take(4, 0, [1, 2, 300, 200, 0] + names + [3]))
        #expect(try take(4, 1, [1, 1_920, 1_080, 60_000]))
        #expect(try take(4, 1, [2, 800, 600, 60_000]))
        #expect(try take(5, 0, [UInt32(bitPattern: -540), 20]))
        #expect(try take(5, 1, [540, 960]))
        #expect(try take(6, 0, []) == false)
        let seen = ScreenOutput(
            name: "output-7", x: -540, y: 20, width: 1_080, height: 1_920, scale: 2, turn: .threeQuarters)
        #expect(output.output(7) == seen)
        #expect(try take(5, 3, WaylandRequest.words("old")))
        #expect(try take(4, 4, WaylandRequest.words("DP-1")))
        #expect(try take(5, 3, WaylandRequest.words("old")))
        #expect(output.output(7)?.name == "DP-1")
    }
}
